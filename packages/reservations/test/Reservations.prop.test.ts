import { assert, it } from "@effect/vitest"
import { SqliteClient } from "@pecia/sql-sqlite"
import { Arbitrary, Context, Effect, Exit, Layer, Option, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { type AvailabilityId, type Offer, Reservations } from "../src/index.ts"
import { anOffer, aSlot, assertLaw, slotIdOf } from "../src/testing/internal/fixtures.ts"

type Ledger = Reservations["Service"]

/** Few values each, so that operations meet the same volumes and hit the edges: nothing, exactly what is there, one more. */
const Bytes = Schema.Literals([0n, 1n, 49n, 50n, 51n, 100n, 150n])
const Odd = Schema.Literals([0n, 2n ** 63n, 2n ** 64n + 1n])
const Few = Schema.Literals([0, 1, 2, 3])
const Name = Schema.Literals(["slot0", "slot1", "slot2", "slot3", "a", "b"])
const OtherName = Schema.Literals(["a", "b", "c"])

const Operation = Schema.TaggedUnion({
  Offer: { totalBytes: Schema.Literals([50n, 100n, 150n]) },
  OfferOddly: {
    totalBytes: Schema.Literals([100n, 2n ** 64n + 1n]),
    durationSeconds: Schema.Literals([0n, 60n, 3600n]),
    minPricePerBytePerSecond: Schema.Literals([0n, 1n, 2n ** 256n - 1n]),
    totalCollateral: Schema.Literals([0n, 50n]),
    enabled: Schema.Boolean,
    untilSeconds: Schema.Literals([0n, 1_700_000_000n, 1_800_000_000n]),
  },
  Release: { nth: Few, bytes: Bytes },
  Reserve: { slot: Few, sizeBytes: Schema.Literals([49n, 50n, 100n]) },
  ReserveOddly: {
    slot: Few,
    sizeBytes: Schema.Union([Odd, Schema.Literals([50n, 101n, 150n])]),
    durationSeconds: Schema.Literals([60n, 3600n, 3601n]),
    pricePerSecond: Schema.Literals([0n, 100n, 300n]),
    collateral: Schema.Literals([0n, 50n, 51n]),
    endSeconds: Schema.Literals([1_700_000_000n, 1_800_000_000n, 2n ** 63n]),
  },
  Hold: { name: Name, bytes: Bytes },
  Write: { name: Name, bytes: Schema.Literals([0n, 1n, 49n, 50n]) },
  WriteMetadata: { name: Name, bytes: Schema.Literals([0n, 1n, 29n]) },
  TooMuch: { name: Name, bytes: Odd },
  Trim: { name: OtherName },
  Cache: { name: OtherName },
  Keep: { name: Name },
  Rename: { from: OtherName, to: OtherName },
  GiveBack: { name: Name },
  Settle: { name: Name, dataBytes: Bytes, metadataBytes: Schema.Literals([0n, 1n, 61n]) },
})
type Operation = typeof Operation.Type

/** A ledger, and the ids that it gave to its availabilities in the order of the offers. */
interface Subject {
  readonly ledger: Ledger
  readonly ids: Array<AvailabilityId>
}

const volumeName = (name: string): string => (name.startsWith("slot") ? slotIdOf(Number(name.slice(4))) : name)

const offer = ({ ids, ledger }: Subject, terms: Offer) =>
  Effect.tap(ledger.offer(terms), ({ id }) => Effect.sync(() => ids.push(id)))

const perform = ({ ids, ledger }: Subject, operation: Operation): Effect.Effect<unknown, unknown> =>
  Operation.match(operation, {
    Offer: (terms) => offer({ ids, ledger }, anOffer(terms)),
    OfferOddly: (terms) => offer({ ids, ledger }, anOffer(terms)),
    Release: ({ bytes, nth }) => Effect.suspend(() => (ids[nth] ? ledger.release(ids[nth], bytes) : Effect.void)),
    Reserve: ({ slot, ...terms }) => ledger.reserve(aSlot(slot, terms)),
    ReserveOddly: ({ slot, ...terms }) => ledger.reserve(aSlot(slot, terms)),
    Hold: ({ bytes, name }) => ledger.hold(volumeName(name), bytes),
    Write: ({ bytes, name }) => ledger.write(volumeName(name), bytes),
    WriteMetadata: ({ bytes, name }) => ledger.writeMetadata(volumeName(name), bytes),
    TooMuch: ({ bytes, name }) =>
      Effect.all([
        Effect.exit(ledger.hold(volumeName(name), bytes)),
        Effect.exit(ledger.write(volumeName(name), bytes)),
        Effect.exit(ledger.writeMetadata(volumeName(name), bytes)),
      ]),
    Trim: ({ name }) => ledger.trim(volumeName(name)),
    Cache: ({ name }) => ledger.cache(volumeName(name)),
    Keep: ({ name }) => ledger.keep(volumeName(name)),
    Rename: ({ from, to }) => ledger.rename(from, to),
    GiveBack: ({ name }) => ledger.giveBack(volumeName(name)),
    Settle: ({ name, ...found }) => ledger.settle(volumeName(name), found),
  })

/** As text, in which availabilities go by the number of their offer. */
const told = ({ ids }: Subject, value: unknown): string => {
  const bigints = (_: string, one: unknown) => (typeof one === "bigint" ? `${one}` : one)
  return ids.reduce(
    (text, id, nth) => text.replaceAll(id, `availability ${nth}`),
    JSON.stringify(value, bigints) ?? "nothing",
  )
}

const answer = Effect.fnUntraced(function* (subject: Subject, operation: Operation) {
  const exit = yield* Effect.exit(perform(subject, operation))
  assert.isFalse(Exit.hasDies(exit), "no operation here is a mistake of the program")
  const outcome = Exit.isSuccess(exit) ? exit.value : { failed: Option.getOrThrow(Exit.findErrorOption(exit)) }
  return told(subject, outcome)
})

const state = Effect.fnUntraced(function* (subject: Subject) {
  const { availabilities, cached, reservations, space, volumes } = subject.ledger
  const byText = (values: ReadonlyArray<unknown>) => values.map((value) => told(subject, value)).toSorted()
  return {
    availabilities: (yield* availabilities).map((one) => told(subject, one)),
    reservations: byText(yield* reservations),
    volumes: byText(yield* volumes),
    cached: yield* cached,
    space: told(subject, yield* space),
  }
})

/** The totals that the database keeps are the sums of its rows. */
const assertTotals = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const kept = sql`SELECT free_bytes, held_bytes, written_bytes, metadata_bytes FROM space_total`.values
  const summed = sql`SELECT (SELECT coalesce(sum(free_bytes), 0) FROM space_availability), coalesce(sum(held_bytes), 0),
    coalesce(sum(written_bytes), 0), coalesce(sum(metadata_bytes), 0) FROM space_volume`.values
  assert.deepStrictEqual(yield* kept, yield* summed)
})

it.effect.prop(
  "after any operations, memory and SQL have given the same answers and the law holds",
  [Arbitrary.array(Arbitrary.schema(Operation), { minLength: 30, maxLength: 60 })],
  ([operations]) =>
    Effect.gen(function* () {
      const options = { quotaBytes: 600n, metadataQuotaBytes: 60n }
      const sqlite = SqliteClient.layer({ filename: ":memory:" })
      const memory = yield* Layer.build(Layer.fresh(Reservations.layerMemory(options)))
      const stored = yield* Layer.build(Layer.fresh(Layer.provideMerge(Reservations.layerSql(options), sqlite)))
      const reference: Subject = { ledger: Context.get(memory, Reservations), ids: [] }
      const subject: Subject = { ledger: Context.get(stored, Reservations), ids: [] }
      for (const operation of operations) {
        assert.strictEqual(yield* answer(subject, operation), yield* answer(reference, operation))
        assert.deepStrictEqual(yield* state(subject), yield* state(reference))
        yield* assertLaw(reference.ledger)
        yield* assertTotals(Context.get(stored, SqlClient.SqlClient))
      }
    }).pipe(Effect.scoped),
  { timeout: 60_000, arbitrary: { runs: 100 } },
)
