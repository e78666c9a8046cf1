import { SlotId } from "@pecia/contracts-abi"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { bytesFrom, treeOf } from "@pecia/trees/testing"
import { Option, Result } from "effect"
import { ProofScheme, SlotProof, type SlotStatement } from "../src/index.ts"

export const hexFrom = (seed: string | number): `0x${string}` => `0x${Buffer.from(bytesFrom(seed, 32)).toString("hex")}`

export const slotIdFrom = (seed: string | number): SlotId => SlotId.make(hexFrom(seed))

export interface Dataset {
  readonly slotSizeBytes: number
  /** The data of each slot. */
  readonly slots: ReadonlyArray<Uint8Array>
}

export const statementOf = (
  dataset: Dataset,
  slotIndex: number,
  samples: number,
  seed: string | number,
): SlotStatement => ({
  scheme: {
    root: DatasetTree.fromSlotRoots(dataset.slots.map((data) => treeOf(data, dataset.slotSizeBytes).root)).root,
    samples,
  },
  slotSizeBytes: BigInt(dataset.slotSizeBytes),
  slots: BigInt(dataset.slots.length),
  slotIndex: BigInt(slotIndex),
  slotId: slotIdFrom(`slot ${seed}`),
  challenge: hexFrom(`challenge ${seed}`),
})

/** The pairs that the statement's challenge asks for. */
export const pairsOf = (statement: SlotStatement): ReadonlyArray<bigint> =>
  SlotProof.sampledPairs(
    Result.getOrThrow(ProofScheme.shape(statement.scheme, statement.slotSizeBytes, statement.slots)),
    statement,
  )

/** The proof that whoever has `dataset` makes of a statement, whether it is about this dataset or not, whether it asks for these pairs or not. */
export const proofBy = (
  dataset: Dataset,
  statement: SlotStatement,
  pairs: ReadonlyArray<bigint> = pairsOf(statement),
): Uint8Array => {
  const data = dataset.slots[Number(statement.slotIndex)] ?? new Uint8Array()
  const tree = treeOf(data, dataset.slotSizeBytes)
  const samples = pairs.map((pair) => {
    const at = SlotTree.blockOfPair(pair) * 65_536
    return Option.getOrThrow(SlotTree.reveal(tree, pair, data.subarray(at, at + 65_536)))
  })
  const roots = DatasetTree.fromSlotRoots(dataset.slots.map((slot) => treeOf(slot, dataset.slotSizeBytes).root))
  return SlotProof.encode(samples, DatasetTree.path(roots, Number(statement.slotIndex)))
}
