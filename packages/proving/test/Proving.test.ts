import { assert, describe, it } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import type { SlotId } from "@pecia/contracts-abi"
import { ChainError, InvalidProof, Market, MemoryChain, Unreachable } from "@pecia/market"
import { Deferred, Effect, Exit, Fiber, Layer, Logger, Option, Scope } from "effect"
import { CannotProve, Prover, Proving } from "../src/index.ts"
import { configWith, filled, requested } from "./hosting.ts"
import { bed, nextPeriod, periodNow, seconds, settled, watchedOutcomes, watchedProofs } from "./provingBed.ts"

// Always out of the downtime, and at probability 1 a proof is due in every period.
const config = configWith({ period: 20n, timeout: 5n, downtime: 0n })

const down = new ChainError({ reason: new Unreachable({ url: "http://chain", detail: "connection refused" }) })

/** A market whose chain can be made unreachable, by name of the call. */
const unreliable = () => {
  const broken = new Set<keyof Market["Service"]>()
  const unless =
    (name: keyof Market["Service"]) =>
    <A, E>(effect: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E | ChainError> => (broken.has(name) ? Effect.fail(down) : effect))
  const through = (market: Market["Service"]) =>
    Effect.succeed(
      Market.of({
        ...market,
        config: unless("config")(market.config),
        mySlots: unless("mySlots")(market.mySlots),
        getPointer: (slot) => unless("getPointer")(market.getPointer(slot)),
        isProofRequired: (slot) => unless("isProofRequired")(market.isProofRequired(slot)),
        willProofBeRequired: (slot) => unless("willProofBeRequired")(market.willProofBeRequired(slot)),
        getActiveSlot: (slot) => unless("getActiveSlot")(market.getActiveSlot(slot)),
        getChallenge: (slot) => unless("getChallenge")(market.getChallenge(slot)),
        submitProof: (slot, proof) => unless("submitProof")(market.submitProof(slot, proof)),
      }),
    )
  return { broken, through }
}

/** Every call of the market that the loop makes. */
const calls = [
  "config",
  "mySlots",
  "getPointer",
  "isProofRequired",
  "willProofBeRequired",
  "getActiveSlot",
  "getChallenge",
  "submitProof",
] as const

/** The loop in a scope that the test closes. */
const startProving = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(Layer.fresh(Proving.layer()), scope)
  yield* settled
  return { stop: Scope.close(scope, Exit.void) }
})

const statusOf = Effect.fnUntraced(function* (slotId: SlotId | undefined) {
  const found = (yield* (yield* Proving).status).find((status) => status.slotId === slotId)
  return found ?? assert.fail(`no status of ${slotId}`)
})

/** A prover that a test can take apart. */
const proverWith = (prove: Prover["Service"]["prove"]) => Layer.succeed(Prover, Prover.of({ prove }))
const bytes = Uint8Array.of(1, 2, 3)

describe("Proving", () => {
  const withProving = (options: Parameters<typeof bed>[0] = {}) =>
    Layer.provideMerge(Proving.layer(), bed({ config, ...options }))

  it.effect("proves every slot in every period in which it has to, and not in the period of its filling", () =>
    Effect.gen(function* () {
      const { slotIds } = yield* filled(50)
      const proofs = yield* watchedProofs
      const first = (yield* periodNow) + 1n
      for (let i = 0; i < 6; i++) yield* nextPeriod
      for (const slotId of slotIds) {
        assert.deepStrictEqual(
          proofs.filter((proof) => proof.slotId === slotId).map(({ period }) => period),
          Array.from({ length: 6 }, (_, i) => first + BigInt(i)),
        )
        assert.deepStrictEqual(yield* statusOf(slotId), {
          slotId,
          provenIn: Option.some(first + 5n),
          misses: 0,
          lastError: Option.none(),
        })
      }
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("reports what it did", () =>
    Effect.gen(function* () {
      yield* filled(1)
      const outcomes = yield* watchedOutcomes
      const first = (yield* periodNow) + 1n
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [`Submitted ${first}`, `Submitted ${first + 1n}`])
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("gets every proof in although calls to the chain fail in half of each period (seed defect 6)", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(3)
      const proofs = yield* watchedProofs
      for (const name of [
        "getActiveSlot",
        "getPointer",
        "isProofRequired",
        "getChallenge",
        "mySlots",
        "submitProof",
      ] as const) {
        const before = proofs.length
        broken.add(name)
        yield* nextPeriod
        yield* seconds(10n)
        if (name !== "mySlots") assert.strictEqual(proofs.length, before, name)
        broken.clear()
        yield* seconds(9n)
        assert.sameMembers(
          proofs.slice(before).map(({ slotId }) => slotId),
          slotIds,
          name,
        )
      }
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("outlives an outage of whole periods: they are missed, then it goes on (seed defect 6)", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(1)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      for (const name of calls) broken.add(name)
      for (let i = 0; i < 3; i++) yield* nextPeriod
      assert.strictEqual(proofs.length, 1)
      assert.strictEqual(Option.getOrThrow((yield* statusOf(slotIds[0])).lastError), down.message)
      broken.clear()
      yield* nextPeriod
      assert.strictEqual(proofs.at(-1)?.period, yield* periodNow)
      assert.isTrue(Option.isNone((yield* statusOf(slotIds[0])).lastError))
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("starts while the chain does not answer, and proves as soon as it does", () => {
    const { through, broken } = unreliable()
    for (const name of calls) broken.add(name)
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(2)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      yield* seconds(5n)
      assert.deepStrictEqual(yield* (yield* Proving).status, [])
      broken.clear()
      yield* seconds(10n)
      assert.sameMembers(
        proofs.map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("takes up slots that are filled while it works, and lets go of those that are left (seed defect 7)", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds } = yield* filled(2)
      yield* nextPeriod
      const more = yield* requested(2, { seed: "more" })
      yield* market.fillSlot(more.requestId, 0n, bytes)
      yield* seconds(5n)
      yield* market.fillSlot(more.requestId, 1n, bytes)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      assert.sameMembers(
        proofs.map(({ slotId }) => slotId),
        [...slotIds, ...more.slotIds],
      )
      yield* Effect.forEach(slotIds, market.freeSlot)
      yield* nextPeriod
      assert.sameMembers(
        (yield* (yield* Proving).status).map(({ slotId }) => slotId),
        more.slotIds,
      )
      assert.sameMembers(
        proofs.slice(4).map(({ slotId }) => slotId),
        more.slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("does not ask about a slot any more that was left", () => {
    const asked: Array<SlotId> = []
    const through = (market: Market["Service"]) =>
      Effect.succeed(
        Market.of({
          ...market,
          getPointer: (slotId) =>
            Effect.andThen(
              Effect.sync(() => void asked.push(slotId)),
              market.getPointer(slotId),
            ),
        }),
      )
    return Effect.gen(function* () {
      const market = yield* Market
      const { slotIds } = yield* filled(2)
      yield* nextPeriod
      const [kept, left] = slotIds
      if (left !== undefined) yield* market.freeSlot(left)
      yield* nextPeriod
      asked.length = 0
      yield* nextPeriod
      assert.deepStrictEqual(asked, [kept])
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("leaves a slot alone that was freed between two questions", () => {
    const through = (market: Market["Service"]) =>
      Effect.succeed(Market.of({ ...market, getActiveSlot: () => Effect.succeed(Option.none()) }))
    return Effect.gen(function* () {
      yield* filled(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [])
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("takes a slot up again that was left and filled anew", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds, requestId } = yield* filled(1)
      yield* nextPeriod
      yield* Effect.forEach(slotIds, market.freeSlot)
      yield* nextPeriod
      yield* market.fillSlot(requestId, 0n, bytes)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      assert.deepStrictEqual(
        proofs.map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("stops proving when the request has ended, though the slot is still held", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds, requestId } = yield* filled(1, { duration: 60n })
      const outcomes = yield* watchedOutcomes
      const end = yield* market.requestEnd(requestId)
      while ((yield* (yield* ChainClock).now) <= end) yield* nextPeriod
      const before = outcomes.length
      for (let i = 0; i < 5; i++) yield* nextPeriod
      assert.strictEqual(outcomes.length, before)
      assert.sameMembers(
        (yield* (yield* Proving).status).map(({ slotId }) => slotId),
        slotIds,
      )
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("goes on after a restart: finds its slots on the chain, and does not prove twice in a period", () =>
    Effect.gen(function* () {
      const { slotIds } = yield* filled(3)
      const proofs = yield* watchedProofs
      const { stop } = yield* startProving
      yield* nextPeriod
      assert.strictEqual(proofs.length, 3)
      yield* stop
      yield* seconds(3n)
      const again = yield* startProving
      yield* seconds(3n)
      assert.strictEqual(proofs.length, 3)
      yield* nextPeriod
      assert.sameMembers(
        proofs.slice(3).map(({ slotId }) => slotId),
        slotIds,
      )
      yield* again.stop
      yield* nextPeriod
      assert.strictEqual(proofs.length, 6)
    }).pipe(Effect.provide(bed({ config }))),
  )

  it.effect("a proof that was in already counts as done", () =>
    Effect.gen(function* () {
      const market = yield* Market
      const { slotIds } = yield* filled(1)
      const outcomes = yield* watchedOutcomes
      const chain = yield* MemoryChain
      const period = (yield* periodNow) + 1n
      yield* chain.advanceTo(period * 20n)
      yield* Effect.forEach(slotIds, (slotId) => market.submitProof(slotId, bytes))
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [`AlreadyIn ${period}`, `Submitted ${period + 1n}`])
      assert.deepStrictEqual((yield* statusOf(slotIds[0])).provenIn, Option.some(period + 1n))
    }).pipe(Effect.provide(withProving())),
  )

  it.effect("one slot's failure or endless proof does not hold up the others", () => {
    const prover = proverWith((_request, slotIndex) => {
      if (slotIndex === 0n) return Effect.fail(new CannotProve({ slotIndex, detail: "It was altered." }))
      return slotIndex === 1n ? Effect.never : Effect.succeed(bytes)
    })
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(8)
      const proofs = yield* watchedProofs
      yield* nextPeriod
      assert.sameMembers(
        proofs.map(({ slotId }) => slotId),
        slotIds.slice(2),
      )
      yield* nextPeriod
      assert.strictEqual(proofs.length, 12)
      assert.deepStrictEqual(
        (yield* Effect.forEach(slotIds, statusOf)).map(({ misses }) => misses),
        [1, 1, 0, 0, 0, 0, 0, 0],
      )
    }).pipe(Effect.provide(withProving({ prover })))
  })

  it.effect("tries again within the period, warns before its end, and reports what it missed", () => {
    const lines: Array<string> = []
    const capture = Logger.layer([Logger.make(({ logLevel, message }) => void lines.push(`${logLevel}: ${message}`))])
    let failing = true
    const prover = proverWith((_request, slotIndex) =>
      Effect.suspend(() =>
        failing ? Effect.fail(new CannotProve({ slotIndex, detail: "It was altered." })) : Effect.succeed(bytes),
      ),
    )
    return Effect.gen(function* () {
      const [slotId = assert.fail()] = (yield* filled(1)).slotIds
      const outcomes = yield* watchedOutcomes
      const p = (yield* periodNow) + 1n
      yield* nextPeriod
      yield* nextPeriod
      assert.isAbove(outcomes.indexOf(`Late ${p}`), 2)
      assert.isBelow(outcomes.indexOf(`Late ${p}`), outcomes.indexOf(`Missed ${p}`))
      assert.isAtLeast(outcomes.filter((outcome) => outcome === `Failed ${p}`).length, 8)
      assert.isAtMost(outcomes.filter((outcome) => outcome === `Failed ${p}`).length, 12)
      assert.deepStrictEqual(yield* statusOf(slotId), {
        slotId,
        provenIn: Option.none(),
        misses: 1,
        lastError: Option.some("Slot 0 cannot be proven. It was altered."),
      })
      failing = false
      yield* seconds(15n)
      assert.strictEqual(outcomes.at(-1), `Submitted ${p + 1n}`)
      const ofSlot = `proof of slot ${slotId} for period ${p}`
      assert.include(lines, `Warn: The ${ofSlot} failed; trying again. Slot 0 cannot be proven. It was altered.`)
      assert.include(lines, `Warn: The ${ofSlot} is not in yet, and the period is nearly over.`)
      assert.include(lines, `Error: The ${ofSlot} was missed; missed proofs cost collateral.`)
    }).pipe(Effect.provide(Layer.provideMerge(withProving({ prover }), capture)))
  })

  it.effect("makes one proof at a time for a slot, and ends it with its period (seed defect 24)", () => {
    let running = 0
    let most = 0
    let begun = 0
    const endless = Effect.acquireUseRelease(
      Effect.sync(() => {
        begun += 1
        running += 1
        most = Math.max(most, running)
      }),
      () => Effect.never,
      () => Effect.sync(() => void running--),
    )
    return Effect.gen(function* () {
      yield* filled(1)
      const { stop } = yield* startProving
      for (let i = 0; i < 3; i++) yield* nextPeriod
      assert.deepStrictEqual({ begun, running, most }, { begun: 3, running: 1, most: 1 })
      yield* stop
      assert.strictEqual(running, 0)
    }).pipe(Effect.provide(bed({ config, prover: proverWith(() => endless) })))
  })

  /** Goes to the first second of a period in which the slot's pointer begins anew. */
  const nextWrap = Effect.fnUntraced(function* (slotId: SlotId) {
    const chain = yield* MemoryChain
    yield* nextPeriod
    // until then there come 20 blocks and a period, each of which moves the pointer by one
    yield* chain.mine(512n - (yield* (yield* Market).getPointer(slotId)) - 21n)
    yield* nextPeriod
    assert.isTrue(yield* (yield* Market).willProofBeRequired(slotId))
  })

  it.effect("warns when it could not learn whether a proof is due, after the challenge has moved", () => {
    const { through, broken } = unreliable()
    return Effect.gen(function* () {
      const [slotId = assert.fail()] = (yield* filled(1, { proofProbability: 2n ** 200n })).slotIds
      const outcomes = yield* watchedOutcomes
      const chain = yield* MemoryChain
      yield* nextPeriod
      // so that the pointer begins anew in the fifth second of the next period
      yield* chain.mine(512n - (yield* (yield* Market).getPointer(slotId)) - 26n)
      yield* nextPeriod
      yield* seconds(2n)
      broken.add("isProofRequired")
      yield* seconds(2n)
      assert.deepStrictEqual(outcomes, [])
      yield* seconds(13n)
      const period = yield* periodNow
      assert.strictEqual(outcomes[0], `Failed ${period}`)
      assert.include(outcomes, `Late ${period}`)
      yield* nextPeriod
      assert.notInclude(outcomes, `Missed ${period}`)
    }).pipe(Effect.provide(withProving({ through })))
  })

  it.effect("does not prove before the pointer has left its downtime (seed defect 24)", () =>
    Effect.gen(function* () {
      const [slotId = assert.fail()] = (yield* filled(1)).slotIds
      const market = yield* Market
      yield* nextWrap(slotId)
      const proofs = yield* watchedProofs
      while (yield* market.willProofBeRequired(slotId)) {
        assert.strictEqual(proofs.length, 0)
        yield* seconds(1n)
      }
      assert.strictEqual(proofs.length, 1)
    }).pipe(Effect.provide(withProving({ config: configWith({ period: 20n, timeout: 5n, downtime: 6n }) }))),
  )

  it.effect(
    "proves in the second half of a period that lies in the downtime, when it could be marked as missing later",
    () =>
      Effect.gen(function* () {
        const [slotId = assert.fail()] = (yield* filled(1)).slotIds
        const market = yield* Market
        yield* nextWrap(slotId)
        const proofs = yield* watchedProofs
        yield* seconds(9n)
        assert.strictEqual(proofs.length, 0)
        yield* seconds(1n)
        assert.strictEqual(proofs.length, 1)
        yield* seconds(9n)
        assert.isTrue(yield* market.willProofBeRequired(slotId))
        assert.strictEqual(proofs.length, 1)
      }).pipe(Effect.provide(withProving({ config: configWith({ period: 20n, timeout: 15n, downtime: 30n }) }))),
  )

  it.effect("does not prove in the downtime when nobody can ask for it before the time-out", () =>
    Effect.gen(function* () {
      const [slotId = assert.fail()] = (yield* filled(1)).slotIds
      const market = yield* Market
      yield* nextWrap(slotId)
      const proofs = yield* watchedProofs
      yield* seconds(19n)
      assert.isTrue(yield* market.willProofBeRequired(slotId))
      assert.strictEqual(proofs.length, 0)
    }).pipe(Effect.provide(withProving({ config: configWith({ period: 20n, timeout: 15n, downtime: 60n }) }))),
  )
})

describe("Proving, when the challenge moves", () => {
  const challengeBytes = (challenge: string) => Uint8Array.from(Buffer.from(challenge.slice(2), "hex"))
  const honest = proverWith((_request, _slotIndex, challenge) => Effect.succeed(challengeBytes(challenge)))

  it.effect("while the proof is made, proves anew", () => {
    let made = 0
    const slow = Layer.effect(
      Prover,
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        return Prover.of({
          prove: Effect.fnUntraced(function* (_request, _slotIndex, challenge) {
            if (made++ === 0) yield* chain.mine(256n)
            return challengeBytes(challenge)
          }),
        })
      }),
    )
    return Effect.gen(function* () {
      const { slotIds } = yield* filled(1)
      const market = yield* Market
      const proofs = yield* watchedProofs
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      assert.strictEqual(made, 2)
      assert.deepStrictEqual(outcomes, [`Submitted ${yield* periodNow}`])
      const [slotId = assert.fail()] = slotIds
      assert.deepStrictEqual(proofs[0]?.proof, challengeBytes(yield* market.getChallenge(slotId)))
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, prover: slow }))))
  })

  it.effect("before the transaction is mined, proves anew; a proof that is refused otherwise is a failure", () => {
    let refusals = 0
    const moved = Effect.fnUntraced(function* (market: Market["Service"]) {
      const chain = yield* MemoryChain
      return Market.of({
        ...market,
        submitProof: Effect.fnUntraced(function* (slotId, proof) {
          refusals += 1
          if (refusals <= 2) {
            if (refusals === 1) yield* chain.mine(256n)
            return yield* new InvalidProof({ slotId })
          }
          assert.deepStrictEqual(proof, challengeBytes(yield* market.getChallenge(slotId)))
          return yield* market.submitProof(slotId, proof)
        }),
      })
    })
    return Effect.gen(function* () {
      yield* filled(1)
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      yield* seconds(5n)
      const period = yield* periodNow
      assert.deepStrictEqual(outcomes, [`Failed ${period}`, `Submitted ${period}`])
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, prover: honest, through: moved }))))
  })
})

describe("Proving, with a transaction in flight", () => {
  /** Transactions that take until the test lets them be mined, and cannot be interrupted meanwhile. */
  const slowChain = () => {
    const mined = Deferred.makeUnsafe<void>()
    const sent = Deferred.makeUnsafe<void>()
    const through = (market: Market["Service"]) =>
      Effect.succeed(
        Market.of({
          ...market,
          submitProof: (slotId, proof) =>
            Deferred.succeed(sent, undefined).pipe(
              Effect.andThen(Deferred.await(mined)),
              Effect.andThen(market.submitProof(slotId, proof)),
              Effect.uninterruptible,
            ),
        }),
      )
    return { mined, sent, through }
  }

  it.effect("stops when it is mined, and not before", () => {
    const { mined, sent, through } = slowChain()
    return Effect.gen(function* () {
      yield* filled(1)
      const proofs = yield* watchedProofs
      const { stop } = yield* startProving
      yield* nextPeriod
      yield* Deferred.await(sent)
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* settled
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(mined, undefined)
      yield* Fiber.join(stopping)
      yield* settled
      assert.strictEqual(proofs.length, 1)
    }).pipe(Effect.provide(bed({ config, through })))
  })

  it.effect("at the end of a period waits for it, and then goes on with the period that is now", () => {
    const { mined, through } = slowChain()
    return Effect.gen(function* () {
      yield* filled(1)
      const proofs = yield* watchedProofs
      const outcomes = yield* watchedOutcomes
      yield* nextPeriod
      const first = yield* periodNow
      yield* nextPeriod
      assert.deepStrictEqual(outcomes, [`Late ${first}`])
      yield* Deferred.succeed(mined, undefined)
      yield* settled
      // It was mined in the second period, so that one is served; the next is as usual.
      assert.deepStrictEqual(outcomes.slice(1), [`Submitted ${first}`, `AlreadyIn ${first + 1n}`])
      yield* nextPeriod
      assert.deepStrictEqual(
        proofs.map(({ period }) => period),
        [first + 1n, first + 2n],
      )
    }).pipe(Effect.provide(Layer.provideMerge(Proving.layer(), bed({ config, through }))))
  })
})
