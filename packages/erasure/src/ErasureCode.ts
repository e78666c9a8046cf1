import { WorkerPool } from "@pecia/workers"
import { Context, Effect, Layer, type Scope } from "effect"
import type { InvalidShape, TooFewShards } from "./ErasureError.ts"
import { compute } from "./internal/compute.ts"
import { type Computed, type Order, place, type Recipe, roomSizeBytes } from "./internal/Order.ts"
import * as Rooms from "./internal/rooms.ts"
import * as Shape from "./internal/shape.ts"
import type { Tasks } from "./thread.ts"

/**
 * k data shards and m parity shards make a code word, of which any k shards give all others. A shard is known by its index: data
 * from 0, parity from k. All shards of a call are equally long; bytes at the same offset are coded on their own.
 *
 * Law: shards that are given belong to the caller, who must not change them before the call has ended; they are neither kept nor
 * changed. Shards that are answered are new, each on a buffer of its own, and the caller's.
 */
export class ErasureCode extends Context.Service<
  ErasureCode,
  {
    /** Names the code, whoever computes it: shards of one codec are those of any other implementation of it. */
    readonly codec: string
    /** The most that k + m can be. */
    readonly maxShards: number
    /** The parity shards k ... k + parity - 1 of the data; none for a parity of 0. */
    readonly encode: (
      data: ReadonlyArray<Uint8Array>,
      parity: number,
    ) => Effect.Effect<ReadonlyArray<Uint8Array>, InvalidShape>
    /**
     * The shards of the indices `wanted`, in that order. `shards` are all k + m of a code word, undefined where lost; a wanted one
     * that is there is answered itself. What is altered is not noticed: check shards before, or what they give after.
     */
    readonly reconstruct: (
      shards: ReadonlyArray<Uint8Array | undefined>,
      k: number,
      wanted: ReadonlyArray<number>,
    ) => Effect.Effect<ReadonlyArray<Uint8Array>, TooFewShards | InvalidShape>
  }
>()("@pecia/erasure/ErasureCode") {
  /** In worker threads, as many as there are cores, and at most four. Calls wait while all are busy. */
  static readonly layer: Layer.Layer<ErasureCode> = Layer.effect(
    ErasureCode,
    Effect.suspend(() => inThreads()),
  )

  /** In as many worker threads as you say. */
  static readonly layerThreads = (threads: number): Layer.Layer<ErasureCode> =>
    Layer.effect(
      ErasureCode,
      Effect.suspend(() => inThreads(threads)),
    )

  /** In the thread that calls, which does nothing else meanwhile. */
  static readonly layerInThread: Layer.Layer<ErasureCode> = Layer.effect(
    ErasureCode,
    Effect.sync(() => make((order) => Effect.sync(() => compute(order())))),
  )
}

/** The README defines it. Whoever changes a byte that it computes gives it another name. */
const codec = "rs-gf256-11d-vandermonde-v1"

type Compute = (order: () => Order) => Effect.Effect<Computed>

const make = (compute: Compute): ErasureCode["Service"] => {
  const rooms = Rooms.make()

  const produce = Effect.fnUntraced(function* (recipe: Recipe, given: ReadonlyArray<Uint8Array | undefined>) {
    if (recipe.wanted.length === 0) return []
    const { room, shards } = yield* compute(() => {
      const order = { ...recipe, room: rooms.take(roomSizeBytes(recipe)) }
      place(order, given)
      return order
    })
    rooms.giveBack(room)
    return shards
  })

  const encode = Effect.fn("ErasureCode.encode")(function* (data: ReadonlyArray<Uint8Array>, parity: number) {
    return yield* produce(yield* Effect.fromResult(Shape.ofEncoding(data, parity)), data)
  })

  const reconstruct = Effect.fn("ErasureCode.reconstruct")(function* (
    shards: ReadonlyArray<Uint8Array | undefined>,
    k: number,
    wanted: ReadonlyArray<number>,
  ) {
    const recipe = yield* Effect.fromResult(Shape.ofReconstruction(shards, k, wanted))
    const computed = yield* produce(recipe, shards)
    const all = new Map(recipe.wanted.map((index, i) => [index, computed[i]]))
    return wanted.map((index) => shards[index] ?? all.get(index)).filter((shard) => shard !== undefined)
  })

  return ErasureCode.of({ codec, maxShards: Shape.maxShards, encode, reconstruct })
}

/** The thread's file stands beside this one, in sources and in what is published. */
const threadFile = () => new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url)

const inThreads = Effect.fnUntraced(function* (
  size?: number,
): Effect.fn.Return<ErasureCode["Service"], never, Scope.Scope> {
  const pool = yield* WorkerPool.make<Tasks>({ file: threadFile(), size })
  return make((order) =>
    pool.call("compute", () => {
      const value = order()
      return { value, moved: [value.room] }
    }),
  )
})
