import { readArtifact, type VerifierName } from "@pecia/contracts"
import { Devnet } from "@pecia/devnet"
import { Context, Effect, Layer } from "effect"
import { installed } from "./installed.ts"
import type { Claim } from "./slotProofs.ts"

const argsOf = ({ challenge, slotId, slotIndex, slots, slotSize, por, proof }: Claim) => [
  { challenge, slotId, slotIndex, slots, slotSize, parameters: por },
  proof,
]

/** Anvil with a verifier on it. */
const make = Effect.fnUntraced(function* (name: VerifierName) {
  const { call, gasOf } = yield* installed(yield* readArtifact(name))
  const canVerify = ({ slots, slotSize, por }: Claim) =>
    Effect.map(call("canVerify", [slots, slotSize, por]), ([answer]) => answer === true)
  const verify = (claim: Claim) => Effect.map(call("verify", argsOf(claim)), ([answer]) => answer === true)
  return {
    canVerify,
    verify,
    /** What becomes of a claim in a marketplace, which asks nothing of a verifier that cannot answer. */
    accepts: (claim: Claim) => Effect.flatMap(canVerify(claim), (can) => (can ? verify(claim) : Effect.succeed(false))),
    gasOfVerify: (claim: Claim) => gasOf("verify", argsOf(claim)),
  }
})

export class VerifierBed extends Context.Service<VerifierBed, Effect.Success<ReturnType<typeof make>>>()(
  "test/VerifierBed",
) {
  static readonly layer = (name: VerifierName) =>
    Layer.effect(VerifierBed, make(name)).pipe(Layer.provide(Devnet.layer()))
}
