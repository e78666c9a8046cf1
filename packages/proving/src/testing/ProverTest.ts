import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { StorageContent, StoragePor, StorageRequest, slotId } from "@pecia/contracts-abi"
import { Effect, type Layer, Result, Schema } from "effect"
import { ProofScheme } from "../ProofScheme.ts"
import { Prover } from "../Prover.ts"
import { SlotProof } from "../SlotProof.ts"
import { ProverBed } from "./ProverBed.ts"

const bytesFrom = (seed: string | number, length: number): Uint8Array =>
  Uint8Array.from(createHash("shake256", { outputLength: length }).update(String(seed)).digest())

const challengeFrom = (seed: string | number) => `0x${Buffer.from(bytesFrom(seed, 32)).toString("hex")}`

const verify = (request: StorageRequest, slotIndex: bigint, challenge: string, proof: Uint8Array) =>
  Result.flatMap(ProofScheme.decode(request.content.por), (scheme) =>
    SlotProof.verify(
      {
        scheme,
        slotSizeBytes: request.ask.slotSize,
        slots: request.ask.slots,
        slotIndex,
        slotId: slotId(StorageRequest.id(request), slotIndex),
        challenge,
      },
      proof,
    ),
  )

const withPor = (request: StorageRequest, change: Partial<StoragePor>) =>
  new StorageRequest({
    ...request,
    content: new StorageContent({ ...request.content, por: new StoragePor({ ...request.content.por, ...change }) }),
  })

/** The laws of a `Prover` of the scheme "pecia-sha256-64-v1". */
export const ProverTest = {
  /** Declares the tests of an implementation; `layer` is built anew for each of them. */
  suite: <E>(name: string, layer: Layer.Layer<Prover | ProverBed, E>): void => {
    describe(name, () => {
      const test = <A, E2>(sentence: string, effect: Effect.Effect<A, E2, Prover | ProverBed>) =>
        it.effect(sentence, () => Effect.provide(effect, layer))

      const Sizes = {
        seed: Schema.Int,
        bytes: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 0, maximum: 400_000 }))),
        slots: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 5 }))),
        samples: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 64 }))),
      }

      it.effect.prop(
        "proofs verify, for each slot of any data",
        Sizes,
        ({ seed, bytes, slots, samples }) =>
          Effect.gen(function* () {
            const request = yield* (yield* ProverBed).store(bytesFrom(seed, bytes), slots, samples)
            for (let slotIndex = 0n; slotIndex < slots; slotIndex++) {
              const challenge = challengeFrom(`${seed} ${slotIndex}`)
              const proof = yield* (yield* Prover).prove(request, slotIndex, challenge)
              assert.isTrue(Result.isSuccess(verify(request, slotIndex, challenge, proof)))
            }
          }).pipe(Effect.provide(layer)),
        { arbitrary: { runs: 15 } },
      )

      test(
        "each challenge has its own proof",
        Effect.gen(function* () {
          const request = yield* (yield* ProverBed).store(bytesFrom("challenges", 300_000), 2, 5)
          const { prove } = yield* Prover
          const [one, other] = [challengeFrom("one"), challengeFrom("other")]
          const proof = yield* prove(request, 1n, one)
          assert.isTrue(Result.isFailure(verify(request, 1n, other, proof)))
          assert.isTrue(Result.isSuccess(verify(request, 1n, other, yield* prove(request, 1n, other))))
          assert.deepStrictEqual(yield* prove(request, 1n, one), proof)
        }),
      )

      const cannotProve = Effect.fnUntraced(function* (
        request: StorageRequest,
        slotIndex = 0n,
        challenge = challengeFrom(1),
      ) {
        const error = yield* Effect.flip((yield* Prover).prove(request, slotIndex, challenge))
        assert.strictEqual(error._tag, "CannotProve")
        assert.strictEqual(error.slotIndex, slotIndex)
        return error.message
      })

      for (const before of ["at the first proof", "when proofs were made before"]) {
        test(
          `data that was altered or lost cannot be proven, ${before}`,
          Effect.gen(function* () {
            const bed = yield* ProverBed
            const request = yield* bed.store(bytesFrom("altered", 300_000), 2, 5)
            if (before !== "at the first proof") yield* (yield* Prover).prove(request, 0n, challengeFrom(0))
            yield* bed.alter
            yield* cannotProve(request)
            yield* bed.lose
            yield* cannotProve(request)
          }),
        )
      }

      test(
        "requests of another scheme, root, size or content cannot be proven",
        Effect.gen(function* () {
          const request = yield* (yield* ProverBed).store(bytesFrom("requests", 300_000), 2, 5)
          const { ask, content } = request
          const changed = (change: Partial<StorageRequest>) => new StorageRequest({ ...request, ...change })
          assert.include(yield* cannotProve(withPor(request, { name: Uint8Array.of(1) })), "it names the scheme")
          assert.include(yield* cannotProve(withPor(request, { publicKey: Uint8Array.of(0) })), "0 samples")
          yield* cannotProve(withPor(request, { u: new Uint8Array(32) }))
          yield* cannotProve(changed({ ask: { ...ask, slots: 3n } }))
          yield* cannotProve(changed({ ask: { ...ask, slotSize: ask.slotSize * 2n } }))
          yield* cannotProve(changed({ ask: { ...ask, slotSize: 2n ** 256n - 1n } }))
          yield* cannotProve(changed({ content: new StorageContent({ ...content, cid: "not a cid" }) }))
          // all this has not spoilt the request itself
          yield* (yield* Prover).prove(request, 0n, challengeFrom(1))
        }),
      )

      test(
        "slots that the request does not have, and challenges that are none, cannot be proven",
        Effect.gen(function* () {
          const request = yield* (yield* ProverBed).store(bytesFrom("slots", 100_000), 2, 5)
          yield* cannotProve(request, 2n)
          yield* cannotProve(request, -1n)
          yield* cannotProve(request, 0n, "0x12")
          yield* cannotProve(request, 0n, "not hex")
        }),
      )
    })
  },
}
