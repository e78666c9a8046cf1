import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import {
  type Circumstances,
  MarketplaceConfig,
  RequestFlaw,
  RequestLimits,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
} from "../src/index.ts"
import { sample } from "./vectors.ts"

const now = 1_700_000_000n
const limits = RequestLimits
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const request = ({ expiry = now + 600n, ...ask }: Partial<StorageAsk> & { readonly expiry?: bigint } = {}) =>
  new StorageRequest({ ...sample, ask: new StorageAsk({ ...sample.ask, ...ask }), expiry })

const flaws = (changes: Parameters<typeof request>[0], circumstances: Partial<Circumstances> = {}) =>
  StorageRequest.sense(request(changes), { now, config, ...circumstances }).map(({ flaw }) => flaw)

describe("StorageRequest.sense", () => {
  it("has nothing against a request that works", () => {
    assert.deepStrictEqual(flaws({}), [])
    assert.deepStrictEqual(flaws({}, { config: undefined }), [])
  })

  it.each([
    [{ slots: 0n, maxSlotLoss: 0n }, ["NoSlots"]],
    [{ slots: limits.slots }, []],
    [{ slots: limits.slots + 1n }, ["TooManySlots"]],
    [{ slotSize: 0n }, ["NoSize"]],
    [{ slotSize: 65_537n }, ["UnevenSize"]],
    [{ slotSize: 65_536n }, []],
    [{ slotSize: limits.slotSize - 65_535n }, []],
    [{ slotSize: limits.slotSize + 1n }, ["SizeTooLarge"]],
    [{ duration: 0n }, ["NoDuration", "ExpiresTooLate"]],
    [{ reward: 0n }, ["NoReward"]],
    [{ proofProbability: 0n }, ["NoProofProbability"]],
    [{ proofProbability: limits.proofProbability }, []],
    [{ proofProbability: limits.proofProbability + 1n }, ["ProofProbabilityTooLarge"]],
    [{ maxSlotLoss: 4n }, []],
    [{ maxSlotLoss: 5n }, ["TooManySlotLosses"]],
    [{ reward: limits.reward }, []],
    [{ reward: limits.reward + 1n }, ["RewardTooLarge"]],
    [{ duration: limits.duration }, []],
    [{ duration: limits.duration + 1n }, ["DurationTooLarge"]],
    [{ duration: 9n, expiry: now + 1n }, ["DurationTooShort"]],
    [{ duration: 10n, expiry: now + 1n }, []],
    [{ expiry: now - 1n }, ["AlreadyExpired"]],
    [{ expiry: now }, ["AlreadyExpired"]],
    [{ expiry: now + 1n }, []],
    [{ expiry: now + 35_999n }, []],
    [{ expiry: now + 36_000n }, ["ExpiresTooLate"]],
    [
      { slots: 0n, slotSize: 1n, reward: 0n, expiry: 0n },
      ["NoSlots", "UnevenSize", "NoReward", "TooManySlotLosses", "AlreadyExpired"],
    ],
  ])("%o: %j", (changes, expected) => {
    assert.deepStrictEqual(flaws(changes), expected)
  })

  it("holds a request on the chain against its own end, not against one from now on", () => {
    assert.deepStrictEqual(flaws({ expiry: now + 600n }, { endsAt: now + 500n }), ["ExpiresTooLate"])
    assert.deepStrictEqual(flaws({ expiry: now + 600n }, { endsAt: now + 601n }), [])
  })

  it("looks at the period only when it knows it", () => {
    assert.deepStrictEqual(flaws({ duration: 9n, expiry: now + 1n }, { config: undefined }), [])
  })

  it("counts the bytes of the cid and of the proof's parameters, not the characters", () => {
    const judged = (cid: string) => {
      const por = new StoragePor({ u: Uint8Array.of(1), publicKey: Uint8Array.of(2, 3), name: Uint8Array.of(4) })
      const content = new StorageContent({ cid, erasure: { totalChunks: 1n }, por })
      return StorageRequest.sense(new StorageRequest({ ...request(), content }), { now }).map(({ flaw }) => flaw)
    }
    const room = limits.contentBytes - 4
    assert.deepStrictEqual(judged("z".repeat(room)), [])
    assert.deepStrictEqual(judged("z".repeat(room + 1)), ["ContentTooLarge"])
    assert.deepStrictEqual(judged(`é${"z".repeat(room - 1)}`), ["ContentTooLarge"])
  })
})

it.effect.prop(
  "any request is judged, in sentences",
  [StorageRequest, StorageRequest.fields.expiry],
  ([request, now]) =>
    Effect.sync(() => {
      for (const flaw of StorageRequest.sense(request, { now, config })) {
        assert.isTrue(Schema.is(RequestFlaw)(flaw))
        assert.match(flaw.message, /^[A-Z].*\.$/)
      }
    }),
)
