import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { BlockSource, DatasetCar, Progress, type ProgressReport } from "../src/index.ts"
import { bytesOf } from "./bytesOf.ts"
import { collect, node, sourceOf } from "./slotsFixture.ts"

const sizeBytes = 3 * 1_048_576 + 5

/** Runs an effect and answers with what it reported. */
const heard = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const reports: Array<ProgressReport> = []
    const result = yield* Effect.provideService(effect, Progress, (report) =>
      Effect.sync(() => void reports.push(report)),
    )
    return { result, reports }
  })

/** From 0 to the end, never back, about once a MiB. */
const assertWhole = (reports: ReadonlyArray<ProgressReport>, step: string, doneBytes: number, totalBytes?: number) => {
  assert.deepStrictEqual(new Set(reports.map((report) => report.step)), new Set([step]))
  assert.strictEqual(reports[0]?.doneBytes, 0n)
  assert.strictEqual(reports.at(-1)?.doneBytes, BigInt(doneBytes))
  for (const [i, report] of reports.entries()) {
    if (i > 0) assert.isAbove(Number(report.doneBytes), Number(reports[i - 1]?.doneBytes))
    assert.strictEqual(report.totalBytes, totalBytes === undefined ? undefined : BigInt(totalBytes))
  }
  assert.isAtLeast(reports.length, Math.min(3, Math.floor(doneBytes / 1_048_576)))
  assert.isAtMost(reports.length, Math.ceil(doneBytes / 1_048_576) + 2)
}

describe("Progress", () => {
  it.effect("hears of every long step from its beginning to its end", () =>
    Effect.gen(function* () {
      const client = yield* node()
      const bytes = bytesOf(sizeBytes)
      const upload = yield* heard(client.datasets.upload(Stream.succeed(bytes)))
      assertWhole(upload.reports, "upload", sizeBytes)
      const { cid: dataset } = upload.result
      const lay = yield* heard(client.slots.lay(dataset, { data: 2, parity: 1 }))
      assertWhole(lay.reports, "lay", sizeBytes, sizeBytes)
      const { cid, manifest } = lay.result
      const source = sourceOf([client.store])
      assertWhole((yield* heard(collect(client.slots.read(cid, source)))).reports, "read", sizeBytes, sizeBytes)
      assertWhole((yield* heard(collect(client.datasets.read(dataset)))).reports, "read", sizeBytes, sizeBytes)
      const host = yield* node()
      yield* host.space.hold("slot", manifest.slotSizeBytes)
      const slotSizeBytes = Number(manifest.slotSizeBytes)
      for (const slotIndex of [0, 2]) {
        const { reports } = yield* heard(host.slots.store("slot", cid, slotIndex, source))
        assert.strictEqual(reports[0]?.doneBytes, 0n)
        assert.strictEqual(reports.at(-1)?.doneBytes, BigInt(slotSizeBytes))
        assert.deepStrictEqual(
          new Set(reports.map(({ step, totalBytes }) => `${step} ${totalBytes}`)),
          new Set([`store ${slotSizeBytes}`]),
        )
        yield* host.space.hold("slot", manifest.slotSizeBytes)
      }
      const other = yield* node()
      const imported = yield* heard(other.datasets.import(dataset, source))
      assertWhole(imported.reports, "import", sizeBytes, sizeBytes)
      yield* other.datasets.remove(dataset)
      const car = DatasetCar.write(dataset, BlockSource.fromStore(client.store))
      assertWhole((yield* heard(other.datasets.importCar(car))).reports, "import", sizeBytes)
    }).pipe(Effect.scoped),
  )

  it.effect("of a step of no bytes is one report", () =>
    Effect.gen(function* () {
      const client = yield* node()
      const { reports } = yield* heard(client.datasets.upload(Stream.empty))
      assert.deepStrictEqual(reports, [{ step: "upload", doneBytes: 0n, totalBytes: undefined }])
    }).pipe(Effect.scoped),
  )
})
