// Proofs of a slot of 1 GiB on files, 5 samples each, against reading and hashing the same blocks: by node alone, and by the store.
// node --conditions=@pecia/source bench/proof.ts
import { hash, randomFillSync } from "node:crypto"
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Address, Nonce, StorageAsk, StorageContent, StorageRequest } from "@pecia/contracts-abi"
import { BlockSpace, BlockStore, Datasets, Slots } from "@pecia/datasets"
import { ErasureCode } from "@pecia/erasure"
import { ProofScheme, Prover, SlotCheck, SlotProof, SlotStatement } from "@pecia/proving"
import { BlockRoots, SlotTree } from "@pecia/trees"
import { Console, Duration, Effect, Layer, Option, Stream } from "effect"

const runs = 3
const proofsPerRun = 500
const target = 2
const blocks = 16_384
// So many are different: they are written in seconds, and read from the system's memory, as the baseline's are.
const distinct = Array.from({ length: 256 }, () => randomFillSync(new Uint8Array(65_536)))

const layerOn = (directory: string) =>
  Layer.mergeAll(Slots.layer, Prover.layer).pipe(
    Layer.provide([ErasureCode.layer, BlockRoots.layer]),
    Layer.provideMerge([Datasets.layer, SlotCheck.layer()]),
    Layer.provideMerge(BlockStore.layerFileSystem({ directory })),
    Layer.provide(BlockSpace.layerMemory({ quotaBytes: 2n ** 31n })),
  )

/** Stores 1 GiB, and writes the request for it: one slot, whose root is the dataset root. */
const store = Effect.gen(function* () {
  const bytes = Stream.map(Stream.range(0, blocks - 1), (i) => distinct[i % distinct.length] ?? new Uint8Array())
  const dataset = yield* (yield* Datasets).upload(bytes)
  const { cid, manifest } = yield* (yield* Slots).lay(dataset.cid, { data: 1, parity: 0 })
  const root = manifest.slots[0]?.root ?? new Uint8Array()
  return new StorageRequest({
    client: Address.make(`0x${"11".repeat(20)}`),
    ask: new StorageAsk({
      slots: 1n,
      slotSize: manifest.slotSizeBytes,
      duration: 3600n,
      proofProbability: 4n,
      reward: 1n,
      maxSlotLoss: 0n,
    }),
    content: new StorageContent({
      cid: `${cid}`,
      erasure: { totalChunks: 0n },
      por: yield* Effect.fromResult(ProofScheme.encode({ root, samples: 5 })),
    }),
    expiry: 1_800_000_000n,
    nonce: Nonce.make(`0x${"22".repeat(32)}`),
  })
})

const challengeOf = (i: number) => `0x${hash("sha256", `challenge ${i}`)}`

/** The blocks that a challenge samples, and their files. */
const makeSampled = Effect.fnUntraced(function* (directory: string, request: StorageRequest) {
  const entries = yield* Effect.promise(() => readdir(directory, { recursive: true, withFileTypes: true }))
  const files = new Map(entries.map(({ name, parentPath }) => [name.split(".")[0], join(parentPath, name)]))
  const { blockCid } = yield* (yield* SlotCheck).recall(request, 0n)
  return Effect.fnUntraced(function* (challenge: string) {
    const statement = yield* Effect.fromResult(SlotStatement.ofSlot(request, 0n, challenge))
    const { scheme, slots, slotSizeBytes } = statement
    const shape = yield* Effect.fromResult(ProofScheme.shape(scheme, slotSizeBytes, slots))
    const pairs = SlotProof.sampledPairs(shape, statement)
    const cids = pairs.map((pair) => Option.getOrThrow(blockCid(SlotTree.blockOfPair(pair))))
    return { cids, files: cids.map((cid) => files.get(`${cid}`) ?? "") }
  })
})

const readAndHash = (files: ReadonlyArray<string>) =>
  Effect.promise(() => Promise.all(files.map(async (file) => hash("sha256", await readFile(file)))))

const milliseconds = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.timed(effect), ([duration]) => Duration.toMillis(duration))

const median = (numbers: ReadonlyArray<number>) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

const bench = Effect.fnUntraced(function* (directory: string) {
  const request = yield* store
  const sampled = yield* makeSampled(directory, request)
  const { get } = yield* BlockStore
  const { prove } = yield* Prover
  for (let run = 0; run <= runs; run++) {
    const times = { plain: [] as number[], stored: [] as number[], proof: [] as number[] }
    for (let i = 0; i < proofsPerRun; i++) {
      const challenge = challengeOf(run * proofsPerRun + i)
      const { cids, files } = yield* sampled(challenge)
      times.plain.push(yield* milliseconds(readAndHash(files)))
      times.stored.push(yield* milliseconds(Effect.forEach(cids, get, { concurrency: "unbounded" })))
      times.proof.push(yield* milliseconds(prove(request, 0n, challenge)))
    }
    if (run === 0) continue // warms up
    const [plain, stored, proof] = [median(times.plain), median(times.stored), median(times.proof)]
    yield* Console.log(
      `a proof ${proof.toFixed(2)} ms; its blocks by BlockStore.get ${stored.toFixed(2)} ms (ratio ${(proof / stored).toFixed(2)})`,
    )
    yield* Console.log(
      `proof / reading and hashing its blocks (${plain.toFixed(2)} ms): ${(proof / plain).toFixed(2)} (medians of ${proofsPerRun}; target: at most ${target})`,
    )
  }
})

await Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "pecia-proof-"))),
  (directory) => Effect.promise(() => rm(directory, { recursive: true, force: true })),
).pipe(
  Effect.flatMap((directory) => Effect.provide(bench(directory), layerOn(directory))),
  Effect.scoped,
  Effect.runPromise,
)
