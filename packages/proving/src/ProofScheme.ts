import { ContentHash, type OpenRequest, StoragePor } from "@pecia/contracts-abi"
import { blockBytes, depthOf } from "@pecia/trees"
import { Result, Schema } from "effect"

/** The request asks for proofs that are not of this scheme, or its numbers do not fit it. */
export class UnusableScheme extends Schema.TaggedError<UnusableScheme>()("UnusableScheme", { detail: Schema.String }) {
  override get message() {
    return `The request cannot be proven with ${schemeName}: ${this.detail}.`
  }
}

/** Stands in `content.por.name`. */
export const schemeName = "pecia-sha256-64-v1"

/**
 * The proof scheme, as a request carries it in `content.por`: `u` is the dataset root, `publicKey` one byte with the number of
 * samples, `name` the name of the scheme.
 *
 * A slot has exactly `slotSize` bytes, a multiple of 65,536; short data is filled with zeros. Its tree is binary sha256 over its
 * 32-byte chunks: leaves are not hashed, a node is sha256(left, right), the depth is ceil(log2(slotSize / 32)), missing leaves are
 * zero. The slot roots are the leaves of another such tree, of depth ceil(log2(slots)), whose root is the dataset root.
 */
export interface ProofScheme {
  /** The dataset root, 32 bytes. */
  readonly root: Uint8Array
  /** How many samples a proof reveals, 1 to 64. */
  readonly samples: number
}

/** The sizes that decide how a proof looks. */
export interface ProofShape {
  readonly samples: number
  /** Levels from a slot's chunks up to its root. */
  readonly slotDepth: number
  /** Levels from a slot root up to the dataset root. */
  readonly datasetDepth: number
  /** How many 64-byte pairs a slot has. */
  readonly pairs: bigint
  /** How long every proof is. */
  readonly sizeBytes: number
}

const nameBytes = new TextEncoder().encode(schemeName)

const unusable = (detail: string) => Result.fail(new UnusableScheme({ detail }))

const checked = (scheme: ProofScheme): Result.Result<ProofScheme, UnusableScheme> => {
  if (scheme.root.length !== 32) return unusable(`its dataset root has ${scheme.root.length} bytes, not 32`)
  const { samples } = scheme
  if (!Number.isInteger(samples) || samples < 1 || samples > 64)
    return unusable(`it asks for ${samples} samples, not 1 to 64`)
  return Result.succeed(scheme)
}

export const ProofScheme = {
  /** Samples of a proof when a client does not say otherwise. */
  samplesDefault: 5,

  /** What the size of a slot must be a multiple of, in bytes. */
  granularityBytes: BigInt(blockBytes),

  encode: (scheme: ProofScheme): Result.Result<StoragePor, UnusableScheme> =>
    Result.map(
      checked(scheme),
      ({ root, samples }) => new StoragePor({ u: root, publicKey: Uint8Array.of(samples), name: nameBytes }),
    ),

  decode: (por: StoragePor): Result.Result<ProofScheme, UnusableScheme> => {
    if (Buffer.compare(por.name, nameBytes) !== 0)
      return unusable(`it names the scheme "${new TextDecoder().decode(por.name.subarray(0, 32))}"`)
    if (por.publicKey.length !== 1) return unusable(`its parameters have ${por.publicKey.length} bytes, not 1`)
    return checked({ root: por.u, samples: por.publicKey[0] ?? 0 })
  },

  /**
   * The scheme of an open request. Its `contentHash` is sha256 of the manifest's digest and the slot root, so it is the root that
   * joins two slots, `openSlots`, of which the second is the one that the request is about.
   */
  ofOpenRequest: ({ contentHash }: OpenRequest): ProofScheme => ({
    root: ContentHash.toBytes(contentHash),
    samples: ProofScheme.samplesDefault,
  }),

  /** How many slots the root of an open request joins, for proofs. */
  openSlots: 2n,

  /** The shape of the proofs of a request with these sizes. */
  shape: (
    { samples }: ProofScheme,
    slotSizeBytes: bigint,
    slots: bigint,
  ): Result.Result<ProofShape, UnusableScheme> => {
    if (slotSizeBytes <= 0n || slotSizeBytes % ProofScheme.granularityBytes !== 0n)
      return unusable(`a slot of ${slotSizeBytes} bytes is not a multiple of ${ProofScheme.granularityBytes}`)
    if (slots <= 0n) return unusable("it has no slots")
    const slotDepth = depthOf(slotSizeBytes / 32n)
    const datasetDepth = depthOf(slots)
    const sizeBytes = samples * (64 + 32 * (slotDepth - 1)) + 32 * datasetDepth
    return Result.succeed({ samples, slotDepth, datasetDepth, pairs: slotSizeBytes / 64n, sizeBytes })
  },
}
