import type { OfferId, OpenRequest, StorageRequest } from "@pecia/contracts-abi"
import { BlockCorrupt, BlockStore } from "@pecia/datasets"
import { SlotTree } from "@pecia/trees"
import { Context, Effect, Layer, Option, Schema } from "effect"
import { verifySamples } from "./internal/verifySamples.ts"
import { ProofScheme } from "./ProofScheme.ts"
import { type CheckedSlot, SlotCheck } from "./SlotCheck.ts"
import { SlotProof } from "./SlotProof.ts"
import { SlotStatement } from "./SlotStatement.ts"

/** A proof cannot be made: the slot's data is missing, altered, or not of the scheme. */
export class CannotProve extends Schema.TaggedError<CannotProve>()("CannotProve", {
  /** Not of a contract, which is about one slot. */
  slotIndex: Schema.optionalKey(Schema.BigInt),
  /** Sentences. */
  detail: Schema.String,
}) {
  override get message() {
    return `${this.slotIndex === undefined ? "The data" : `Slot ${this.slotIndex}`} cannot be proven. ${this.detail}`
  }
}

/** Makes proofs of the slots whose data is here. Law: a proof that it answers with verifies against the root in the request. */
export class Prover extends Context.Service<
  Prover,
  {
    /** Answers a challenge (32 bytes as lower-case hex). */
    readonly prove: (
      request: StorageRequest,
      slotIndex: bigint,
      challenge: string,
    ) => Effect.Effect<Uint8Array, CannotProve>
    /** Answers a challenge of the contract that came of an offer on an open request. */
    readonly proveContract: (
      request: OpenRequest,
      offerId: OfferId,
      challenge: string,
    ) => Effect.Effect<Uint8Array, CannotProve>
  }
>()("@pecia/proving/Prover") {
  /** Reads the sampled blocks, each compared with its name and its root; for the first proof of a slot also what `SlotCheck` reads. */
  static readonly layer: Layer.Layer<Prover, never, SlotCheck | BlockStore> = Layer.effect(
    Prover,
    Effect.suspend(() => make),
  )

  /**
   * Breaks the law: always answers with the same bytes, whatever the data. For tests of others, on a chain that takes any proof
   * that is not empty.
   */
  static readonly layerConstant = (proof: Uint8Array = Uint8Array.of(42)): Layer.Layer<Prover> =>
    Layer.succeed(Prover, Prover.of({ prove: () => Effect.succeed(proof), proveContract: () => Effect.succeed(proof) }))
}

/** Blocks that are read at the same time. */
const readAhead = 8

const make = Effect.gen(function* () {
  const checks = yield* SlotCheck
  const store = yield* BlockStore

  const reveal = Effect.fnUntraced(function* (slot: CheckedSlot, pair: bigint) {
    const cid = slot.blockCid(SlotTree.blockOfPair(pair))
    const bytes = Option.isSome(cid) ? yield* store.get(cid.value) : new Uint8Array()
    const revealed = SlotTree.reveal(slot.tree, pair, bytes)
    if (Option.isSome(revealed)) return revealed.value
    return yield* Option.isSome(cid) ? new BlockCorrupt({ cid: cid.value }) : Effect.die("zeros have another root")
  })

  /** A proof of the statement, which is verified. */
  const proofOf = Effect.fnUntraced(function* (slot: CheckedSlot, statement: SlotStatement) {
    const { scheme, slotSizeBytes, slots } = statement
    const shape = yield* Effect.fromResult(ProofScheme.shape(scheme, slotSizeBytes, slots))
    const pairs = SlotProof.sampledPairs(shape, statement)
    const samples = yield* Effect.forEach(pairs, (pair) => reveal(slot, pair), { concurrency: readAhead })
    const proof = SlotProof.encode(samples, slot.datasetPath)
    yield* Effect.fromResult(verifySamples(shape, statement, pairs, proof))
    return proof
  })

  const prove = Effect.fn("Prover.prove")(
    function* (request: StorageRequest, slotIndex: bigint, challenge: string) {
      const slot = yield* checks.recall(request, slotIndex)
      return yield* proofOf(slot, yield* Effect.fromResult(SlotStatement.ofSlot(request, slotIndex, challenge)))
    },
    (effect, _request, slotIndex) =>
      Effect.mapError(effect, (error) => new CannotProve({ slotIndex, detail: error.message })),
  )

  const proveContract = Effect.fn("Prover.proveContract")(
    function* (request: OpenRequest, offerId: OfferId, challenge: string) {
      const slot = yield* checks.recallOpen(request)
      return yield* proofOf(slot, SlotStatement.ofContract(request, offerId, challenge))
    },
    (effect) => Effect.mapError(effect, (error) => new CannotProve({ detail: error.message })),
  )

  return Prover.of({ prove, proveContract })
})
