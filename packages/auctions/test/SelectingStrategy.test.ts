import { assert, describe, it } from "@effect/vitest"
import { OpenRequest } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { type Candidate, type OpenAuction, SelectingStrategy, Selection } from "../src/index.ts"
import { start } from "./bed.ts"
import { aCandidate, aRequest, hostNumber } from "./samples.ts"

const request = aRequest(1)
const quarter = start + 150n
const half = start + 300n

const select = (auction: Partial<OpenAuction>, isAcceptable?: (candidate: Candidate) => boolean) =>
  Effect.flatMap(SelectingStrategy, (strategy) =>
    strategy.select({
      requestId: OpenRequest.id(request),
      request,
      openedAt: start,
      now: quarter,
      candidates: [],
      hostsOfDataset: new Set(),
      hostsThatFailed: new Set(),
      ...auction,
    }),
  ).pipe(Effect.provide(SelectingStrategy.layerLowestPrice(isAcceptable && { isAcceptable })))

const [dear, cheap, alsoCheap] = [aCandidate(1, 20n), aCandidate(2, 10n), aCandidate(3, 10n)]
const takes = ({ offerId }: Candidate) => Selection.Select({ offerId })
const waits = (until: bigint) => Selection.Wait({ until })

describe("the lowest price", () => {
  it.effect("is taken from a quarter of the time on, not before", () =>
    Effect.gen(function* () {
      const candidates = [dear, cheap]
      assert.deepStrictEqual(yield* select({ candidates, now: quarter - 1n }), waits(quarter))
      assert.deepStrictEqual(yield* select({ candidates }), takes(cheap))
    }),
  )

  it.effect("of two is that of the earliest offer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* select({ candidates: [dear, cheap, alsoCheap] }), takes(cheap))
      assert.deepStrictEqual(yield* select({ candidates: [alsoCheap, dear, cheap] }), takes(alsoCheap))
    }),
  )

  it.effect(
    "of a host that keeps another slot of the dataset counts where there is no other, from half of the time on",
    () =>
      Effect.gen(function* () {
        const hostsOfDataset = new Set([hostNumber(2)])
        assert.deepStrictEqual(yield* select({ candidates: [cheap, dear], hostsOfDataset }), takes(dear))
        const candidates = [cheap]
        assert.deepStrictEqual(yield* select({ candidates, hostsOfDataset }), waits(half))
        assert.deepStrictEqual(yield* select({ candidates, hostsOfDataset, now: half - 1n }), waits(half))
        assert.deepStrictEqual(yield* select({ candidates, hostsOfDataset, now: half }), takes(cheap))
        assert.deepStrictEqual(yield* select({ candidates: [cheap, dear], hostsOfDataset, now: half }), takes(dear))
      }),
  )

  it.effect("is not taken any more when less than a tenth of the time is left", () =>
    Effect.gen(function* () {
      const candidates = [dear, cheap]
      assert.deepStrictEqual(yield* select({ candidates, now: start + 540n }), takes(cheap))
      assert.deepStrictEqual(yield* select({ candidates, now: start + 541n }), waits(start + 600n))
    }),
  )

  it.effect("of a host that has failed before counts where there is no other, from half of the time on", () =>
    Effect.gen(function* () {
      const hostsThatFailed = new Set([hostNumber(2)])
      assert.deepStrictEqual(yield* select({ candidates: [cheap, dear], hostsThatFailed }), takes(dear))
      assert.deepStrictEqual(yield* select({ candidates: [cheap], hostsThatFailed }), waits(half))
      assert.deepStrictEqual(yield* select({ candidates: [cheap], hostsThatFailed, now: half }), takes(cheap))
      const hostsOfDataset = new Set([hostNumber(1)])
      const both = { candidates: [cheap, dear], hostsOfDataset, hostsThatFailed }
      assert.deepStrictEqual(yield* select(both), waits(half))
      assert.deepStrictEqual(yield* select({ ...both, now: half }), takes(dear))
    }),
  )

  it.effect("counts only where the offer is acceptable", () =>
    Effect.gen(function* () {
      const isAcceptable = ({ offer }: Candidate) => offer.host !== hostNumber(2)
      assert.deepStrictEqual(yield* select({ candidates: [cheap, dear] }, isAcceptable), takes(dear))
      assert.deepStrictEqual(yield* select({ candidates: [cheap] }, isAcceptable), waits(half))
      assert.deepStrictEqual(yield* select({ candidates: [cheap], now: half }, isAcceptable), waits(start + 600n))
    }),
  )
})
