import { assert, describe, it } from "@effect/vitest"
import { Address, Nonce, RequestId, StorageRequest } from "@pecia/contracts-abi"
import { Effect, type Layer, Option } from "effect"
import {
  PurchaseJournal,
  type PurchaseJournalError,
  PurchaseOutcome,
  type PurchaseRecord,
  PurchaseState,
} from "../src/index.ts"
import { anAsk, content, start } from "./bed.ts"

/** The record of purchase number `number`. */
export const aRecord = (number: number, state: PurchaseState = PurchaseState.Pending()): PurchaseRecord => {
  const request = new StorageRequest({
    client: Address.make(`0x${"1".repeat(40)}`),
    ask: anAsk(),
    content,
    expiry: start + 600n,
    nonce: Nonce.make(`0x${number.toString(16).padStart(64, "0")}`),
  })
  return { id: StorageRequest.id(request), request, state }
}

const ended = (outcome: PurchaseOutcome) => PurchaseState.Ended({ outcome })

export const states: ReadonlyArray<PurchaseState> = [
  PurchaseState.Pending(),
  PurchaseState.Submitted(),
  PurchaseState.Started(),
  ...(["Cancelled", "Finished", "Failed"] as const).map((request) => PurchaseState.Refunding({ request })),
  ...(["PaidBack", "None", "Unknown"] as const).flatMap((rest) => [
    ended(PurchaseOutcome.Finished({ rest })),
    ended(PurchaseOutcome.Failed({ rest })),
  ]),
  ended(PurchaseOutcome.Cancelled()),
  ended(PurchaseOutcome.Errored({ detail: "It's broken; “why” is unknown." })),
]

/** What every implementation of `PurchaseJournal` has to pass. `layer` makes an empty journal. */
export const suite = <E>(name: string, layer: Layer.Layer<PurchaseJournal, E>): void => {
  const journalTest = (
    sentence: string,
    body: (journal: PurchaseJournal["Service"]) => Effect.Effect<void, PurchaseJournalError>,
  ) => it.effect(sentence, () => Effect.flatMap(PurchaseJournal, body).pipe(Effect.provide(layer)))

  describe(name, () => {
    journalTest("is empty at first", (journal) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* journal.all, [])
        assert.deepStrictEqual(yield* journal.open, [])
        assert.deepStrictEqual(yield* journal.get(RequestId.make(`0x${"0".repeat(64)}`)), Option.none())
      }),
    )

    journalTest("gives back what was saved, in every state", (journal) =>
      Effect.gen(function* () {
        const records = states.map((state, index) => aRecord(index, state))
        for (const record of records) yield* journal.save(record)
        assert.deepStrictEqual(yield* journal.all, records)
        for (const record of records) assert.deepStrictEqual(yield* journal.get(record.id), Option.some(record))
      }),
    )

    journalTest("keeps a purchase in its place when it is saved again", (journal) =>
      Effect.gen(function* () {
        const finished = ended(PurchaseOutcome.Finished({ rest: "PaidBack" }))
        for (const number of [3, 1, 2]) yield* journal.save(aRecord(number))
        yield* journal.save(aRecord(3, finished))
        assert.deepStrictEqual(yield* journal.all, [aRecord(3, finished), aRecord(1), aRecord(2)])
      }),
    )

    journalTest("tells those that have not ended from the others", (journal) =>
      Effect.gen(function* () {
        for (const [index, state] of states.entries()) yield* journal.save(aRecord(index, state))
        assert.deepStrictEqual(
          (yield* journal.open).map(({ state }) => state._tag),
          ["Pending", "Submitted", "Started", "Refunding", "Refunding", "Refunding"],
        )
      }),
    )
  })
}
