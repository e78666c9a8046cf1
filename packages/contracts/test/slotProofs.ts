import { createHash } from "node:crypto"
import { SlotId, StoragePor } from "@pecia/contracts-abi"
import { ProofScheme, SlotProof } from "@pecia/proving"
import { DatasetTree, SlotTree } from "@pecia/trees"
import { Option, Result } from "effect"

/** A statement and what is said to be its proof; bytes are 0x hex. */
export interface Claim {
  readonly slotSize: bigint
  readonly slots: bigint
  readonly slotIndex: bigint
  readonly por: { readonly u: string; readonly publicKey: string; readonly name: string }
  readonly slotId: string
  readonly challenge: string
  readonly proof: string
}

export interface Sizes {
  /** Of 64 KiB each. */
  readonly blocks: number
  readonly slots: number
  readonly slotIndex: number
}

/** Bytes that only their seed decides. */
export const bytesFrom = (seed: string | number, length: number): Uint8Array =>
  Uint8Array.from(createHash("shake256", { outputLength: length }).update(String(seed)).digest())

export const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), "hex"))

/** A slot whose bytes the seed decides, among others of which nothing is known but their roots. */
export const slotFrom = (seed: string | number, { blocks, slots, slotIndex }: Sizes) => {
  const data = Array.from({ length: blocks }, (_, i) => bytesFrom(`${seed} block ${i}`, 65_536))
  const tree = SlotTree.fromBlockRoots(Buffer.concat(data.map(SlotTree.blockRoot)))
  const dataset = DatasetTree.fromSlotRoots(
    Array.from({ length: slots }, (_, i) => (i === slotIndex ? tree.root : bytesFrom(`${seed} slot ${i}`, 32))),
  )
  const reveal = (pair: bigint) =>
    Option.getOrThrow(SlotTree.reveal(tree, pair, data[SlotTree.blockOfPair(pair)] ?? new Uint8Array()))
  return {
    slotSize: BigInt(blocks) * 65_536n,
    slots: BigInt(slots),
    slotIndex: BigInt(slotIndex),
    slotRoot: tree.root,
    datasetRoot: dataset.root,
    /** Whether they are asked for or not. */
    proofOf: (pairs: ReadonlyArray<bigint>) =>
      SlotProof.encode(pairs.map(reveal), DatasetTree.path(dataset, slotIndex)),
  }
}
export type TestSlot = ReturnType<typeof slotFrom>

/** What the seed of a challenge asks of a slot. */
export const askedOf = (
  { slotSize, slots, slotIndex, datasetRoot }: TestSlot,
  samples: number,
  seed: string | number,
) => {
  const scheme = { root: datasetRoot, samples }
  const asked = {
    slotId: SlotId.make(hex(bytesFrom(`${seed} slot id`, 32))),
    challenge: hex(bytesFrom(`${seed} challenge`, 32)),
  }
  const shape = Result.getOrThrow(ProofScheme.shape(scheme, slotSize, slots))
  const pairs = SlotProof.sampledPairs(shape, { ...asked, scheme, slotSizeBytes: slotSize, slots, slotIndex })
  const { u, publicKey, name } = Result.getOrThrow(ProofScheme.encode(scheme))
  const por = { u: hex(u), publicKey: hex(publicKey), name: hex(name) }
  return { pairs, statement: { slotSize, slots, slotIndex, por, ...asked } }
}

/** A statement and its proof. */
export const claimOf = (slot: TestSlot, samples: number, seed: string | number): Claim => {
  const { pairs, statement } = askedOf(slot, samples, seed)
  return { ...statement, proof: hex(slot.proofOf(pairs)) }
}

/** What TypeScript says of a claim. */
export const holds = ({ por, slotId, slotSize, proof, ...about }: Claim): boolean =>
  ProofScheme.decode(
    new StoragePor({ u: bytesOf(por.u), publicKey: bytesOf(por.publicKey), name: bytesOf(por.name) }),
  ).pipe(
    Result.flatMap((scheme) =>
      SlotProof.verify({ ...about, slotId: SlotId.make(slotId), scheme, slotSizeBytes: slotSize }, bytesOf(proof)),
    ),
    Result.isSuccess,
  )
