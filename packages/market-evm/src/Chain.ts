import type { Array as Arr } from "effect"
import { Option } from "effect"
import type { Block } from "./Block.ts"

/** The newest blocks of the chain, oldest first: each names the one before it as its parent. */
export type Chain = Arr.NonEmptyReadonlyArray<Block>

const first = (chain: Chain): Block => chain[0]
const head = (chain: Chain): Block => chain[chain.length - 1] ?? chain[0]

export const Chain = {
  /** How many blocks a reader remembers: what is deeper is taken as final. */
  depth: 64n,
  first,
  head,
  /** The hash of a block; none when it is newer or older than what is remembered. */
  hashAt: (chain: Chain, number: bigint): Option.Option<string> =>
    Option.map(Option.fromUndefinedOr(chain[Number(number - first(chain).number)]), ({ hash }) => hash),
  has: (chain: Chain, hash: string): boolean => chain.some((block) => block.hash === hash),
  /** The lowest number among the newest `depth` blocks when the newest has `number`. */
  oldest: (number: bigint): bigint => (number < Chain.depth ? 0n : number - Chain.depth + 1n),
  /** None: a block does not name the one before it as its parent. */
  link: ([...blocks]: Chain): Option.Option<Chain> =>
    blocks.every((block, index) => index === 0 || block.parentHash === blocks[index - 1]?.hash)
      ? Option.some(blocks)
      : Option.none(),
  /** The chain with newer blocks at its end, forgetting the oldest. None: they do not continue it. */
  append: (chain: Chain, blocks: Chain): Option.Option<Chain> =>
    Option.map(Chain.link([...chain, ...blocks]), (all) => {
      const start = Math.max(0, all.length - Number(Chain.depth))
      return [all[start] ?? first(all), ...all.slice(start + 1)]
    }),
}
