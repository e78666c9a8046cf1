import { Schema } from "effect"

/** The bytes are not a proof of the statement. */
export class ProofRefused extends Schema.TaggedError<ProofRefused>()("ProofRefused", { detail: Schema.String }) {
  override get message() {
    return `The proof is refused: ${this.detail}.`
  }
}
