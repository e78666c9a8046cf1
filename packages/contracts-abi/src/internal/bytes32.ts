import { Result } from "effect"
import { MalformedId } from "../MalformedId.ts"

/** Reads 32 bytes of hex, in any case, with or without `0x`, into the one form that we keep. */
export const bytes32From =
  <Id>(noun: MalformedId["noun"], make: (hex: string) => Id) =>
  (text: string): Result.Result<Id, MalformedId> => {
    const digits = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1]
    return digits === undefined
      ? Result.fail(new MalformedId({ noun, text }))
      : Result.succeed(make(`0x${digits.toLowerCase()}`))
  }
