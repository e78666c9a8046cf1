import { Effect } from "effect"
import { InvalidManifest } from "../InvalidManifest.ts"
import { Manifest } from "../Manifest.ts"

/** A block of a file has as many bytes as its place there takes. */
export const checkLength = (manifest: Manifest, index: number, length: number) => {
  const expected = Manifest.blockBytes(manifest, index)
  return length === expected
    ? Effect.void
    : Effect.fail(
        new InvalidManifest({
          cid: manifest.content,
          detail: `its block ${index} has ${length} bytes instead of ${expected}`,
        }),
      )
}
