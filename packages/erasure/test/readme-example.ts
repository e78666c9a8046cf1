import { ErasureCode } from "@pecia/erasure"
import { Console, Effect } from "effect"

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

export const program = Effect.gen(function* () {
  const code = yield* ErasureCode
  const data = ["any three ", "of the fiv", "e will do."].map((part) => new TextEncoder().encode(part))
  const [p, q] = yield* code.encode(data, 2)
  const [first, last] = yield* code.reconstruct([undefined, data[1], undefined, p, q], 3, [0, 2])
  yield* Console.log(`${text(first)}... ${text(last)} (${code.codec})`)
}).pipe(Effect.provide(ErasureCode.layer))
