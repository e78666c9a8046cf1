import { readFileSync } from "node:fs"
import { Effect, Schema } from "effect"

/** What a compiled contract is deployed from: its interface, and its creation code as 0x hex. */
export const Artifact = Schema.Struct({
  abi: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)),
  bytecode: Schema.String.pipe(Schema.check(Schema.isPattern(/^0x([0-9a-f]{2})+$/))),
})
export type Artifact = typeof Artifact.Type

export type VerifierName = "MerkleProofVerifier" | "TestVerifier"
export type ContractName = "Marketplace" | "OfferMarket" | "TestMarketplace" | "TestToken" | VerifierName

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Artifact))

/** The artifact that this package ships; it is part of the package, so that not finding it is a defect. */
export const readArtifact = (name: ContractName): Effect.Effect<Artifact> =>
  Effect.try(() => readFileSync(new URL(`../artifacts/${name}.json`, import.meta.url), "utf8")).pipe(
    Effect.flatMap(decode),
    Effect.orDie,
  )
