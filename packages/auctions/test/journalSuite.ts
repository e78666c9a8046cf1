import { assert, describe, it } from "@effect/vitest"
import { RequestId } from "@pecia/contracts-abi"
import { Effect, type Layer, Option } from "effect"
import { AuctionJournal, type AuctionJournalError, AuctionOutcome, AuctionState } from "../src/index.ts"
import { aCandidate, aRecord, statesWith } from "./samples.ts"

const states = statesWith(aCandidate(1, 2n ** 128n - 1n))

/** What every implementation of `AuctionJournal` has to pass. `layer` makes an empty journal. */
export const suite = <E>(name: string, layer: Layer.Layer<AuctionJournal, E>): void => {
  const journalTest = (
    sentence: string,
    body: (journal: AuctionJournal["Service"]) => Effect.Effect<void, AuctionJournalError>,
  ) => it.effect(sentence, () => Effect.flatMap(AuctionJournal, body).pipe(Effect.provide(layer)))

  describe(name, () => {
    journalTest("is empty at first", (journal) =>
      Effect.gen(function* () {
        yield* journal.save()
        assert.deepStrictEqual(yield* journal.all, [])
        assert.deepStrictEqual(yield* journal.open, [])
        assert.deepStrictEqual(yield* journal.get(RequestId.make(`0x${"0".repeat(64)}`)), Option.none())
      }),
    )

    journalTest("gives back what was saved, in every state", (journal) =>
      Effect.gen(function* () {
        const records = states.map((state, index) => aRecord(index, state))
        yield* journal.save(...records)
        assert.deepStrictEqual(yield* journal.all, records)
        for (const record of records) assert.deepStrictEqual(yield* journal.get(record.id), Option.some(record))
      }),
    )

    journalTest("keeps an auction in its place when it is saved again, with all that has changed", (journal) =>
      Effect.gen(function* () {
        const finished = AuctionState.Ended({ outcome: AuctionOutcome.Finished(aCandidate(1)) })
        yield* journal.save(...[3, 1, 2].map((number) => aRecord(number)))
        const changed = { ...aRecord(3, finished), block: 300n, since: 7n, dataset: "“another”", slotIndex: 9 }
        yield* journal.save(changed)
        assert.deepStrictEqual(yield* journal.all, [changed, aRecord(1), aRecord(2)])
      }),
    )

    journalTest("tells those that have not ended from the others", (journal) =>
      Effect.gen(function* () {
        yield* journal.save(...states.map((state, index) => aRecord(index, state)))
        assert.deepStrictEqual(
          (yield* journal.open).map(({ state }) => state._tag),
          ["Pending", "Open", "Selected", "Started", "Refunding", "Refunding", "Refunding"],
        )
      }),
    )
  })
}
