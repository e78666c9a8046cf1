import { Effect, Option, Stream } from "effect"
import type { Cid } from "../Block.ts"
import type { BlockSource } from "../BlockSource.ts"

/** The one block that is needed to go on. */
export const oneOf = <E, R>(source: BlockSource<E, R>, cid: Cid) =>
  Effect.flatMap(Stream.runHead(source([cid])), (block) =>
    Option.isSome(block) ? Effect.succeed(block.value) : Effect.die(`a source of blocks ended without ${cid}`),
  )
