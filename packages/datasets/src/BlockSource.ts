import type { Stream } from "effect"
import type { Block, Cid } from "./Block.ts"

/** Where blocks come from: a store, a network, an archive. Law: answers with the blocks that were asked for, in that order, checked. */
export type BlockSource<E, R = never> = (cids: ReadonlyArray<Cid>) => Stream.Stream<Block, E, R>
