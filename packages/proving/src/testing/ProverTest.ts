import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import {
  ContentHash,
  Nonce,
  OfferId,
  OpenRequest,
  StorageContent,
  StoragePor,
  StorageRequest,
} from "@pecia/contracts-abi"
import { Effect, type Layer, Result, Schema } from "effect"
import { Prover } from "../Prover.ts"
import { SlotProof } from "../SlotProof.ts"
import { SlotStatement } from "../SlotStatement.ts"
import { ProverBed } from "./ProverBed.ts"

const bytesFrom = (seed: string | number, length: number): Uint8Array =>
  Uint8Array.from(createHash("shake256", { outputLength: length }).update(String(seed)).digest())

const challengeFrom = (seed: string | number): `0x${string}` => `0x${Buffer.from(bytesFrom(seed, 32)).toString("hex")}`

const verify = (request: StorageRequest, slotIndex: bigint, challenge: string, proof: Uint8Array) =>
  Result.flatMap(SlotStatement.ofSlot(request, slotIndex, challenge), (statement) => SlotProof.verify(statement, proof))

const offerIdFrom = (seed: string | number) => OfferId.make(challengeFrom(seed))

/** Written out, as a contract verifies it: two slots, of which the second is the contract's. */
const verifyContract = (request: OpenRequest, offerId: OfferId, challenge: string, proof: Uint8Array) =>
  SlotProof.verify(
    {
      scheme: { root: ContentHash.toBytes(request.contentHash), samples: 5 },
      slotSizeBytes: request.size,
      slots: 2n,
      slotIndex: 1n,
      slotId: OfferId.slotId(offerId),
      challenge,
    },
    proof,
  )

const withPor = (request: StorageRequest, change: Partial<StoragePor>) =>
  new StorageRequest({
    ...request,
    content: new StorageContent({ ...request.content, por: new StoragePor({ ...request.content.por, ...change }) }),
  })

type Declare = <A, E>(sentence: string, effect: Effect.Effect<A, E, Prover | ProverBed>) => void

const cannotProveContract = Effect.fnUntraced(function* (
  request: OpenRequest | undefined,
  challenge = challengeFrom(1),
) {
  if (request === undefined) return assert.fail("no request")
  const error = yield* Effect.flip((yield* Prover).proveContract(request, offerIdFrom("offer"), challenge))
  assert.strictEqual(error._tag, "CannotProve")
  assert.isUndefined(error.slotIndex)
  return error.message
})

/** The laws of `proveContract`. */
const declareContracts = (test: Declare) => {
  test(
    "proofs of contracts verify, for each slot of any data, equal slots among them",
    Effect.gen(function* () {
      const { storeOpen } = yield* ProverBed
      const data = [bytesFrom("contracts", 300_000), bytesFrom("short", 1), new Uint8Array(), new Uint8Array(200_000)]
      for (const [seed, bytes] of data.entries())
        for (const [index, request] of (yield* storeOpen(bytes, 3)).entries()) {
          const [offerId, challenge] = [offerIdFrom(index), challengeFrom(`${seed} ${index}`)]
          const proof = yield* (yield* Prover).proveContract(request, offerId, challenge)
          assert.isTrue(Result.isSuccess(verifyContract(request, offerId, challenge, proof)))
        }
    }),
  )

  test(
    "each contract and each challenge has its own proof",
    Effect.gen(function* () {
      const [request = assert.fail()] = yield* (yield* ProverBed).storeOpen(bytesFrom("own", 300_000), 2)
      const [offerId, challenge] = [offerIdFrom("one"), challengeFrom("one")]
      const proof = yield* (yield* Prover).proveContract(request, offerId, challenge)
      assert.isTrue(Result.isFailure(verifyContract(request, offerIdFrom("other"), challenge, proof)))
      assert.isTrue(Result.isFailure(verifyContract(request, offerId, challengeFrom("other"), proof)))
    }),
  )

  for (const before of ["at the first proof", "when proofs were made before"]) {
    test(
      `the data of a contract that was altered or lost cannot be proven, ${before}`,
      Effect.gen(function* () {
        const bed = yield* ProverBed
        const [request = assert.fail()] = yield* bed.storeOpen(bytesFrom("altered", 300_000), 2)
        if (before !== "at the first proof")
          yield* (yield* Prover).proveContract(request, offerIdFrom("offer"), challengeFrom(0))
        yield* bed.alter
        yield* cannotProveContract(request)
        yield* bed.lose
        yield* cannotProveContract(request)
      }),
    )
  }

  test(
    "open requests of another size or content, and challenges that are none, cannot be proven",
    Effect.gen(function* () {
      const [request = assert.fail()] = yield* (yield* ProverBed).storeOpen(bytesFrom("open", 300_000), 2)
      const changed = (change: Partial<OpenRequest>) => new OpenRequest({ ...request, ...change })
      yield* cannotProveContract(changed({ size: request.size * 2n }))
      yield* cannotProveContract(changed({ size: 2n ** 256n - 1n }))
      yield* cannotProveContract(changed({ size: 0n }))
      yield* cannotProveContract(changed({ contentHash: ContentHash.make(challengeFrom("other")) }))
      yield* cannotProveContract(request, "0x12")
      // all this has not spoilt the request itself, and its terms are not what is proven
      const other = changed({ nonce: Nonce.make(challengeFrom("nonce")), duration: 1n })
      for (const open of [request, other])
        yield* (yield* Prover).proveContract(open, offerIdFrom("offer"), challengeFrom(1))
    }),
  )
}

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

      declareContracts(test)

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
