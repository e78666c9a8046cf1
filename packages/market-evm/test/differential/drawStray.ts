import { RequestId, SlotId, slotId, zeroAddress } from "@pecia/contracts-abi"
import { Array as Arr, Effect } from "effect"
import { below, between, chance, mostly, oneOf, weighted } from "./dice.ts"
import type { Scene } from "./Scene.ts"
import { Step } from "./Step.ts"
import { accounts } from "./Terms.ts"

type Plan = Effect.Effect<ReadonlyArray<Step>>

/** Ids that belong to nothing. */
export const strangeRequest = RequestId.make(`0x${"5a".repeat(32)}`)
export const strangeSlot = SlotId.make(`0x${"a5".repeat(32)}`)

const anyone = below(accounts.length)
const anAmount = mostly(50, 100n, [0n, 1n, 60n, 200n, 1_000n, 2n ** 128n - 1n, 2n ** 128n, 2n ** 256n - 1n])
const aProof = mostly(80, new Uint8Array([1, 2, 3]), [new Uint8Array(), new Uint8Array(700).fill(9)])

const aRequest = ({ requests }: Scene) =>
  Effect.gen(function* () {
    if (!Arr.isReadonlyArrayNonEmpty(requests) || (yield* chance(8))) return strangeRequest
    return (yield* oneOf(requests)).id
  })

const aSlot = (scene: Scene) =>
  Effect.gen(function* () {
    if (!Arr.isReadonlyArrayNonEmpty(scene.slots) || (yield* chance(8))) return strangeSlot
    if (yield* chance(8)) return slotId(yield* aRequest(scene), 4n)
    return (yield* oneOf(scene.slots)).id
  })

const aPeriod = ({ now, terms }: Scene) =>
  Effect.gen(function* () {
    const current = now / terms.config.proofs.period
    const recent = current - (yield* between(0n, 45n))
    return yield* oneOf([
      current - 1n,
      current - 1n,
      current - 2n,
      current,
      current + 1n,
      recent,
      recent,
      0n,
      2n ** 255n,
    ])
  })

/** Any call with any arguments, by anyone. */
export const drawStray = (scene: Scene): Plan =>
  Effect.gen(function* () {
    const who = yield* anyone
    const [amount, requestId, slot] = [yield* anAmount, yield* aRequest(scene), yield* aSlot(scene)]
    const [proof, period] = [yield* aProof, yield* aPeriod(scene)]
    const slotIndex = yield* mostly(70, yield* between(0n, 4n), [65_535n, 2n ** 64n, 2n ** 256n - 1n])
    const known = scene.requests.find(({ id }) => id === requestId)
    const isTest = scene.terms.contract === "TestMarketplace"
    const step = yield* weighted<Step, never, never>(
      [
        [2, Effect.succeed(Step.mint({ to: accounts[who] ?? zeroAddress, amount }))],
        [1, Effect.succeed(Step.approveFunds({ who, amount }))],
        [3, Effect.succeed(Step.deposit({ who, amount }))],
        [2, Effect.succeed(Step.withdraw({ who }))],
        ...(known ? [[1, Effect.succeed(Step.requestStorage({ who, request: known.request }))] as const] : []),
        [3, Effect.succeed(Step.fillSlot({ who, requestId, slotIndex, proof }))],
        [2, Effect.succeed(Step.freeSlot({ who, slotId: slot }))],
        [2, Effect.succeed(Step.submitProof({ who, slotId: slot, proof }))],
        [4, Effect.succeed(Step.markProofAsMissing({ who, slotId: slot, period }))],
        [2, Effect.succeed(Step.withdrawFunds({ who, requestId }))],
        [isTest ? 1 : 0, Effect.succeed(Step.forciblyFreeSlot({ slotId: slot }))],
      ],
      Effect.succeed(Step.withdraw({ who })),
    )
    return [step]
  })

/** Time goes on to a moment at which something may change, or blocks go by. */
export const drawEdge = ({ now, requests, terms }: Scene): Plan =>
  Effect.gen(function* () {
    if (yield* chance(15)) return [Step.mine({ count: yield* oneOf([1n, 3n, 20n, 40n, 256n]) })]
    const { period: seconds, timeout } = terms.config.proofs
    const start = (now / seconds) * seconds
    const moments = [
      start + seconds - 1n,
      start + seconds,
      start + seconds + 1n,
      start + timeout - 1n,
      start + timeout,
      ...requests.flatMap(({ end, request: { expiry } }) => [
        expiry - 1n,
        expiry,
        expiry + 1n,
        end - 1n,
        end,
        end + 1n,
      ]),
    ]
    // a moment that is years away would leave nothing to be tried before
    const near = moments.filter((moment) => moment > now && moment < now + 500n)
    return [Step.advanceTo({ time: Arr.isReadonlyArrayNonEmpty(near) ? yield* oneOf(near) : now + 1n })]
  })
