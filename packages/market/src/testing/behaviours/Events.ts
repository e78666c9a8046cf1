import { assert, describe } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { SlotNotFree } from "../../MarketError.ts"
import { concerns, eventsSince, nextBlock, once } from "../History.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith, filled, type It, newHost, newRequest, newSpender, newTeller, proof } from "../Scenario.ts"

/** The stream of events (contract interface, section 5). What each call tells: see the other files. */
export const events = (it: It) =>
  describe("events", () => {
    it.effect("are replayed from the given block on, that block included, to each reader", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const from = yield* nextBlock
        yield* host.freeSlot(slot)
        yield* host.fillSlot(requestId, 1n, proof)
        const told = (fromBlock: bigint) =>
          Effect.map(eventsSince(fromBlock, requestId), (events) => events.map(({ _tag }) => _tag))
        assert.deepStrictEqual(yield* told(from), ["SlotFreed", "SlotFilled"])
        assert.deepStrictEqual(yield* told(from), ["SlotFreed", "SlotFilled"])
        const [freed] = yield* eventsSince(from, requestId)
        if (!freed) return assert.fail("an event")
        assert.deepStrictEqual(yield* told(freed.blockNumber), ["SlotFreed", "SlotFilled"])
        assert.deepStrictEqual(yield* told(freed.blockNumber + 1n), ["SlotFilled"])
      }),
    )

    it.effect("stand where they happened: later blocks later, and in a block in the order of the log", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const { requestId, slot } = yield* filled()
        const [requested, proven, filling, ...more] = yield* eventsSince(from, requestId, slot)
        if (!requested || !proven || !filling) return assert.fail("three events")
        assert.deepStrictEqual(
          [requested._tag, proven._tag, filling._tag],
          ["StorageRequested", "ProofSubmitted", "SlotFilled"],
        )
        assert.deepStrictEqual(more, [])
        assert.isTrue(requested.blockNumber >= from)
        assert.isTrue(proven.blockNumber > requested.blockNumber)
        assert.strictEqual(filling.blockNumber, proven.blockNumber)
        assert.isTrue(filling.logIndex > proven.logIndex)
      }),
    )

    it.effect("are followed after the replay, and none is lost between the two", () =>
      Effect.gen(function* () {
        const { idOf, market, tell } = yield* newTeller
        const nonces = Array.from({ length: 12 }, (_, nonce) => nonce)
        const ids = yield* Effect.forEach(nonces, idOf)
        const from = yield* nextBlock
        yield* Effect.forEach(nonces.slice(0, 4), tell)
        const reading = yield* market
          .events({ fromBlock: from })
          .pipe(
            Stream.filter(concerns(...ids)),
            once,
            Stream.take(ids.length),
            Stream.runCollect,
            Effect.forkChild({ startImmediately: true }),
          )
        yield* Effect.forEach(nonces.slice(4), tell)
        const told = yield* Fiber.join(reading)
        assert.deepStrictEqual(
          told.map((event) => event._tag === "StorageRequested" && event.requestId),
          ids,
        )
      }),
    )

    it.effect("begin with the next block when no block is given", () =>
      Effect.gen(function* () {
        const { market, tell } = yield* newTeller
        const old = yield* tell(0)
        const reading = yield* market
          .events()
          .pipe(Stream.take(1), Stream.runCollect, Effect.forkChild({ startImmediately: true }))
        // A reader may need a moment to find out which block is next; it is told until it has heard.
        for (let nonce = 1; nonce < 5_000 && reading.pollUnsafe() === undefined; nonce++) yield* tell(nonce)
        const [first] = yield* Fiber.join(reading)
        assert.isTrue(first !== undefined && !concerns(old)(first))
      }),
    )

    it.effect("can be awaited from a block that is not there yet", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const { idOf, market, tell } = yield* newTeller
        const [early, late] = [yield* idOf(1), yield* idOf(2)]
        const from = (yield* nextBlock) + 5n
        const reading = yield* market
          .events({ fromBlock: from })
          .pipe(
            Stream.filter(concerns(early, late)),
            Stream.take(1),
            Stream.runCollect,
            Effect.forkChild({ startImmediately: true }),
          )
        yield* tell(1)
        yield* bed.advanceBlocks(5n)
        yield* tell(2)
        const [first] = yield* Fiber.join(reading)
        assert.isTrue(first !== undefined && concerns(late)(first))
      }),
    )

    it.effect("tell nothing of a call that failed", () =>
      Effect.gen(function* () {
        const { host, requestId, slot } = yield* filled()
        const from = yield* nextBlock
        yield* failsWith(host.fillSlot(requestId, 0n, proof), new SlotNotFree({ slotId: slot }))
        assert.deepStrictEqual(yield* eventsSince(from, requestId, slot), [])
      }),
    )

    it.effect("are the same for all accounts", () =>
      Effect.gen(function* () {
        const from = yield* nextBlock
        const client = yield* newSpender(120_000n)
        const requestId = yield* client.requestStorage(yield* newRequest(client.account))
        const readers = [client, yield* newHost]
        for (const reader of readers) {
          const [event] = yield* reader
            .events({ fromBlock: from })
            .pipe(Stream.filter(concerns(requestId)), Stream.take(1), Stream.runCollect)
          assert.strictEqual(event?._tag, "StorageRequested")
        }
      }),
    )
  })
