import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect, Layer, Logger } from "effect"
import {
  layerChain,
  makeClient,
  makeHost,
  pass,
  passUntil,
  proofOf,
  settle,
  slotSize,
  start,
  verifying,
} from "./bed.ts"

const proofs = ({ calls }: { readonly calls: ReadonlyArray<string> }) =>
  calls.filter((call) => call.startsWith("prove")).length

describe("a first proof", () => {
  it.effect("answers the challenge of the block that comes next", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ faults: verifying })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(proofs(host.storage), 1)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that took longer than its challenge lasts is not sent, but made anew", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let refusals = 0
      const host = yield* makeHost({
        faults: (market) =>
          verifying(market, () => {
            refusals += 1
          }),
      })
      host.storage.beforeProve = () => (proofs(host.storage) === 1 ? Effect.sleep("11 seconds") : Effect.void)
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleInitialProving")
      yield* pass(11n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(proofs(host.storage), 2)
      assert.strictEqual(refusals, 0)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("whose challenge moves before its block is made anew, as often as it takes", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const client = yield* makeClient
      let refusals = 0
      const host = yield* makeHost({
        faults: (market) => {
          const { fillSlot } = verifying(market, () => {
            refusals += 1
          })
          return {
            // The period ends while the transaction is on its way, three times.
            fillSlot: Effect.fnUntraced(function* (...filling) {
              if (refusals < 3) yield* chain.advanceTo((yield* chain.now) + 10n)
              yield* fillSlot(...filling)
            }),
          }
        },
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* settle
      yield* pass(10n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(refusals, 3)
      assert.strictEqual(proofs(host.storage), 4)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that always comes too late is made until the request expires, with pauses", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      const host = yield* makeHost({ slots: 1n, faults: verifying })
      host.storage.beforeProve = () => Effect.sleep("11 seconds")
      const { reaches } = yield* host.run()
      const { request, slot } = yield* client.request()
      for (let time = start; time < request.expiry; time += 5n) yield* passUntil(time)
      yield* passUntil(request.expiry)
      assert.isAtLeast(proofs(host.storage), 14)
      assert.isAtMost(proofs(host.storage), 20)
      yield* pass(1n)
      yield* reaches(slot(0n), "SaleCancelled")
      assert.strictEqual(yield* host.freeBytes, slotSize)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect("that is refused once although its challenge has not moved costs no slot: it is made anew", () =>
    Effect.gen(function* () {
      const client = yield* makeClient
      let sent = 0
      const host = yield* makeHost({
        faults: (market) => ({
          fillSlot: (id, index, proof) => verifying(market).fillSlot(id, index, ++sent === 1 ? proofOf("0x0") : proof),
        }),
      })
      const { reaches } = yield* host.run()
      const { slot } = yield* client.request()
      yield* reaches(slot(0n), "SaleFilling")
      assert.strictEqual(proofs(host.storage), 1)
      yield* pass(5n)
      yield* reaches(slot(0n), "SaleProving")
      assert.strictEqual(proofs(host.storage), 2)
    }).pipe(Effect.provide(layerChain)),
  )

  it.effect(
    "that is refused twice although its challenge has not moved is an error that people see, and not sent again",
    () => {
      const lines: Array<string> = []
      const capture = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel}: ${message}`))])
      return Effect.gen(function* () {
        const client = yield* makeClient
        let sent = 0
        const host = yield* makeHost({
          slots: 1n,
          faults: (market) => ({
            fillSlot: (id, index) =>
              Effect.suspend(() => {
                sent += 1
                return verifying(market).fillSlot(id, index, proofOf("0x0"))
              }),
          }),
        })
        const { reaches, reasons } = yield* host.run()
        const { requestId, slot } = yield* client.request()
        yield* reaches(slot(0n), "SaleFilling")
        assert.strictEqual(sent, 1)
        yield* pass(5n)
        yield* reaches(slot(0n), "SaleErrored")
        yield* pass(100n)
        assert.strictEqual(sent, 2)
        assert.strictEqual(yield* host.freeBytes, slotSize)
        const sentence = `The contract refuses the proof of slot 0 of request ${requestId}, although it answers the challenge that the slot still has`
        assert.isTrue((yield* reasons).some((reason) => reason.startsWith(`Ended: ${sentence}`)))
        assert.strictEqual(lines.filter((line) => line.startsWith(`Error: ${sentence}`)).length, 1)
      }).pipe(Effect.provide(Layer.provideMerge(layerChain, capture)))
    },
  )
})
