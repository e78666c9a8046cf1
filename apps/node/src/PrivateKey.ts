import { Config, Effect, FileSystem, Option, Redacted, Schema } from "effect"

/** The environment variable that may hold the private key. */
export const privateKeyVariable = "PECIA_PRIVATE_KEY"

export class PrivateKeyUnusable extends Schema.TaggedError<PrivateKeyUnusable>()("PrivateKeyUnusable", {
  message: Schema.String,
}) {}

const refuse = (message: string) => Effect.fail(new PrivateKeyUnusable({ message }))

/** The order of secp256k1: a private key is a number from 1 up to below it. */
const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const isOnCurve = (key: bigint) => key > 0n && key < curveOrder

/** 32 bytes as hex, with or without 0x. What is wrong is said without showing it. */
const parse = (source: string, text: string) => {
  const [, digits] = /^\s*(?:0x)?([0-9a-fA-F]{64})\s*$/.exec(text) ?? []
  return digits === undefined || !isOnCurve(BigInt(`0x${digits}`))
    ? refuse(`${source} does not hold a private key of an account: 64 hex digits, with or without 0x.`)
    : Effect.succeed(Redacted.make(`0x${digits.toLowerCase()}`))
}

/** Reads the key that signs for this node, from a file that nobody else may read, or from the environment. */
export const readPrivateKey = Effect.fn("PrivateKey.read")(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) {
    const text = yield* Effect.mapError(
      Config.Redacted(privateKeyVariable),
      () =>
        new PrivateKeyUnusable({
          message: `A client or host signs transactions: name a key file with --eth-key-file, or set ${privateKeyVariable}.`,
        }),
    )
    return yield* parse(privateKeyVariable, Redacted.value(text))
  }
  const path = file.value
  const fs = yield* FileSystem.FileSystem
  const unreadable = () =>
    new PrivateKeyUnusable({ message: `The key file ${path} cannot be read; check the path and its owner.` })
  const { mode } = yield* Effect.mapError(fs.stat(path), unreadable)
  if ((mode & 0o077) !== 0) return yield* refuse(`Others may read the key file ${path}; run: chmod 600 ${path}`)
  return yield* parse(path, yield* Effect.mapError(fs.readFileString(path), unreadable))
})
