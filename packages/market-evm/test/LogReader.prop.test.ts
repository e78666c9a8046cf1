import { assert, describe, it } from "@effect/vitest"
import type { MarketEvent } from "@pecia/market"
import { Effect, Layer, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { BlockReader, LogReader } from "../src/index.ts"
import { eventsOf } from "../src/internal/eventsOf.ts"
import { eventOfLog } from "../src/internal/marketplace/eventOfLog.ts"
import { MemoryNode } from "./MemoryNode.ts"

const upTo = (maximum: number) => Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum })))

/** What happens to a chain while it is read. */
const Happening = Schema.TaggedUnion({
  Mine: { blocks: Schema.Literals([1, 2, 10, 63, 64, 65, 90]), events: upTo(2) },
  Reorganise: { depth: Schema.Literals([1, 2, 10, 63, 64, 65, 80]), blocks: upTo(80), events: upTo(2) },
  Fail: { calls: upTo(20) },
  Pass: { seconds: upTo(60) },
  Subscribe: { behind: upTo(150), secondsPerEvent: upTo(1) },
})

/** What a subscriber believes, if he keeps to what he is told. */
const believe = (beliefs: Array<MarketEvent>, event: MarketEvent): void => {
  if (event._tag !== "ChainReorganised") return void beliefs.push(event)
  const standing = beliefs.filter((old) => old.blockNumber < event.blockNumber)
  beliefs.splice(0, beliefs.length, ...standing)
}

const ids = (beliefs: ReadonlyArray<MarketEvent>) =>
  beliefs.flatMap((event) => ("requestId" in event ? event.requestId : []))

describe("LogReader", () => {
  it.effect.prop(
    "every subscriber ends with the events of the chain as it is, each of them once and in order, whatever happened on the way",
    [Schema.Array(Happening).pipe(Schema.check(Schema.isMaxLength(12)))],
    ([happenings]) => {
      const node = new MemoryNode()
      mine(node, 100, 1)
      const readers = LogReader.layer({ blocksPerPage: 40 }).pipe(
        Layer.provide(BlockReader.layer({ pollingInterval: "10 seconds" })),
        Layer.provide(node.layer),
      )
      const happen = Effect.gen(function* () {
        const events = eventsOf(yield* LogReader, node.address, "marketplace", eventOfLog)
        const subscribers: Array<{ readonly from: bigint; readonly beliefs: Array<MarketEvent> }> = []
        const subscribe = Effect.fnUntraced(function* (fromBlock: bigint, secondsPerEvent: number) {
          const beliefs: Array<MarketEvent> = []
          subscribers.push({ from: fromBlock, beliefs })
          const read = (event: MarketEvent) =>
            Effect.delay(
              Effect.sync(() => believe(beliefs, event)),
              `${secondsPerEvent} seconds`,
            )
          yield* events({ fromBlock }).pipe(Stream.runForEach(read), Effect.forkChild({ startImmediately: true }))
        })
        yield* subscribe(0n, 0)
        for (const happening of happenings) {
          yield* Happening.match(happening, {
            Mine: ({ blocks, events }) => Effect.sync(() => mine(node, blocks, events)),
            Reorganise: ({ depth, blocks, events }) =>
              Effect.sync(() => {
                node.drop(depth)
                mine(node, blocks, events)
              }),
            Fail: ({ calls }) =>
              Effect.sync(() => {
                node.failures += calls
              }),
            Pass: ({ seconds }) => TestClock.adjust(`${seconds} seconds`),
            Subscribe: ({ behind, secondsPerEvent }) =>
              subscribe(BigInt(Math.max(0, node.height - behind)), secondsPerEvent),
          })
        }
        // A chain that fell back to an older block is believed when it goes on.
        mine(node, 81, 1)
        yield* TestClock.adjust("2 hours")
        for (const { from, beliefs } of subscribers) assert.deepStrictEqual(ids(beliefs), node.told(from))
      })
      return Effect.provide(Effect.scoped(happen), readers)
    },
    { arbitrary: { runs: 80 } },
  )
})

const mine = (node: MemoryNode, blocks: number, events: number) => {
  for (let i = 0; i < blocks; i++) node.mine(events)
}
