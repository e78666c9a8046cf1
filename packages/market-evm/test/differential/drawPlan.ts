import { Array as Arr, Effect, Random } from "effect"
import { concat, keccak256, toBeHex } from "ethers"
import { below, chance, mostly, oneOf, weighted } from "./dice.ts"
import { drawOddRequest, drawRequest } from "./drawRequest.ts"
import { drawEdge, drawStray } from "./drawStray.ts"
import type { RequestNow, Scene, SlotNow } from "./Scene.ts"
import { Step } from "./Step.ts"
import { accounts } from "./Terms.ts"

/** Steps that make sense together. */
type Plan = Effect.Effect<ReadonlyArray<Step>>

const aProof = mostly(93, new Uint8Array([42]), [new Uint8Array()])
const anyone = below(accounts.length)
/** Clients are accounts 0 to 2 mostly, hosts 1 to 3: some are both. */
const aClient = Effect.flatMap(chance(85), (usual) => (usual ? below(3) : anyone))
const aHost = Effect.flatMap(chance(85), (usual) => (usual ? Effect.map(below(3), (who) => who + 1) : anyone))

const newRequest = ({ now }: Scene): Plan =>
  Effect.gen(function* () {
    const who = yield* aClient
    const step = Step.requestStorage({ who, request: yield* drawRequest(who, now) })
    return (yield* chance(5)) ? [step, step] : [step]
  })

const oddRequest = ({ now }: Scene): Plan =>
  Effect.gen(function* () {
    const who = yield* aClient
    return [Step.requestStorage({ who, request: yield* drawOddRequest(who, now) })]
  })

/** One slot or all that are free, by one host or by several; a host may put up what it takes before. */
const fill = ({ terms }: Scene, requests: Arr.NonEmptyReadonlyArray<RequestNow>): Plan =>
  Effect.gen(function* () {
    const { id, slots } = yield* oneOf(requests)
    const host = yield* aHost
    const isAlone = yield* chance(60)
    const free = slots.filter(({ state }) => state === "Free")
    const taken = (yield* chance(75)) ? free : free.slice(0, 1)
    const fills = yield* Effect.forEach(taken, ({ index }) =>
      Effect.gen(function* () {
        const who = isAlone ? host : yield* aHost
        return Step.fillSlot({ who, requestId: id, slotIndex: index, proof: yield* aProof })
      }),
    )
    const { initialAmount } = terms.config.collateral
    const amount = initialAmount * (terms.options.collateralPerSlot ? BigInt(taken.length) : 1n)
    return (yield* chance(50)) ? [Step.deposit({ who: host, amount }), ...fills] : fills
  })

/** Lets a period go by in which a slot is not proven, sees that its pointer stands well, and tells; then perhaps another one. */
const miss = (scene: Scene, slots: Arr.NonEmptyReadonlyArray<SlotNow>): Plan =>
  Effect.gen(function* () {
    const { period: seconds, timeout } = scene.terms.config.proofs
    const slot = yield* oneOf(slots)
    const siblings = slots.filter(({ id, requestId }) => requestId === slot.requestId && id !== slot.id)
    const steps: Array<Step> = []
    let { now, number } = scene
    for (let rounds = yield* oneOf([1, 1, 2, 3]); rounds > 0; rounds--) {
      const who = (yield* chance(25)) ? (slot.host ?? 0) : yield* anyone
      const period = now / seconds + (yield* oneOf([0n, 1n, 1n, 1n]))
      const late = yield* mostly(75, 1n, [0n, timeout - 1n, timeout])
      now = (period + 1n) * seconds + late
      const count = yield* drawBlocks(slot, period, number + 2n, scene.terms.config.proofs.downtime)
      const mark = Step.markProofAsMissing({ who, slotId: slot.id, period })
      const told = [mark, ...((yield* chance(15)) ? [mark] : [])]
      const others = siblings.map(({ id }) => Step.markProofAsMissing({ who, slotId: id, period }))
      steps.push(Step.advanceTo({ time: now }), ...(count > 0n ? [Step.mine({ count })] : []), ...told)
      if (yield* chance(40)) steps.push(...others)
      number += 2n + count
    }
    return steps
  })

/** How many blocks to mine so that a slot's pointer, as it would stand in a block, has left the downtime; or just not. */
const drawBlocks = (slot: SlotNow, period: bigint, number: bigint, downtime: bigint) => {
  const pointer = (number + BigInt(keccak256(concat([slot.id, toBeHex(period, 32)])))) % 256n
  const toWrap = 256n - pointer
  return mostly(85, pointer < downtime ? downtime - pointer : 0n, [0n, toWrap <= 40n ? toWrap : 1n])
}

/** A proof in time, now and then followed by another one, or by a mark for having missed it. */
const prove = (scene: Scene, slots: Arr.NonEmptyReadonlyArray<SlotNow>): Plan =>
  Effect.gen(function* () {
    const { period: seconds } = scene.terms.config.proofs
    const { host = 0, id } = yield* oneOf(slots)
    const period = scene.now / seconds + 1n
    const step = Step.submitProof({ who: host, slotId: id, proof: yield* aProof })
    const mark = Step.markProofAsMissing({ who: yield* anyone, slotId: id, period })
    return [
      ...((yield* chance(70)) ? [Step.advanceTo({ time: period * seconds })] : []),
      step,
      ...((yield* chance(15)) ? [step] : []),
      ...((yield* chance(20)) ? [Step.advanceTo({ time: (period + 1n) * seconds + 1n }), mark] : []),
    ]
  })

/** A host leaves, and another one or the same takes the slot: at once, or in another period. */
const leave = ({ now, terms }: Scene, slots: Arr.NonEmptyReadonlyArray<SlotNow>): Plan =>
  Effect.gen(function* () {
    const { host = 0, id, index, requestId } = yield* oneOf(slots)
    const isTaken = terms.contract === "TestMarketplace" && (yield* chance(30))
    const left = isTaken ? Step.forciblyFreeSlot({ slotId: id }) : Step.freeSlot({ who: host, slotId: id })
    const refill = Step.fillSlot({ who: yield* aHost, requestId, slotIndex: index, proof: yield* aProof })
    const { period: seconds } = terms.config.proofs
    const next = Step.advanceTo({ time: (now / seconds + 1n) * seconds })
    return yield* oneOf([[left], [left, refill], [left, next, refill], [left, next, refill]])
  })

/** Hosts and client want to be paid, in any order and now and then not all of them. */
const settle = ({ client, id, slots }: RequestNow): Plan =>
  Effect.gen(function* () {
    const payouts = slots.flatMap(({ host, id }) =>
      host === undefined ? [] : [Step.freeSlot({ who: host, slotId: id })],
    )
    const steps = yield* Random.shuffle<Step>([...payouts, Step.withdrawFunds({ who: client, requestId: id })])
    return (yield* chance(60)) ? steps : steps.slice(0, 1)
  })

/** Time goes on to where a request may be over, or just not, and those who want to be paid may try. */
const end = ({ now }: Scene, request: RequestNow): Plan =>
  Effect.gen(function* () {
    const time = request.last + (yield* oneOf([0n, 1n, 1n]))
    if (time <= now || time > now + 1_000n) return []
    return [Step.advanceTo({ time }), ...((yield* chance(50)) ? yield* settle(request) : [])]
  })

const isOpen = ({ state }: RequestNow) => state === "New" || state === "Started"
const isUnpaid = ({ slots }: RequestNow) => slots.some(({ state }) => state === "Finished" || state === "Failed")

/** A plan for when there is something that it can be about. */
const about = <A>(weight: number, things: ReadonlyArray<A>, plan: (things: Arr.NonEmptyReadonlyArray<A>) => Plan) =>
  Arr.isReadonlyArrayNonEmpty(things) ? [[weight, plan(things)] as const] : []

/** What may be done next; what makes sense now comes more often than what does not. */
export const drawPlan = (scene: Scene): Plan => {
  const { requests, slots } = scene
  const open = requests.filter(isOpen)
  const incomplete = open.filter(({ slots }) => slots.some(({ state }) => state === "Free"))
  const filled = slots.filter(({ state }) => state === "Filled")
  const lasting = filled.filter(({ last }) => last > scene.now + 3n * scene.terms.config.proofs.period)
  const occupied = slots.filter(({ host }) => host !== undefined)
  return weighted(
    [
      [open.length < 2 ? 12 : 2, newRequest(scene)],
      [5, oddRequest(scene)],
      ...about(16, incomplete, (incomplete) => fill(scene, incomplete)),
      ...about(12, lasting, (lasting) => miss(scene, lasting)),
      ...about(2, filled, (filled) => miss(scene, filled)),
      ...about(5, occupied, (occupied) => prove(scene, occupied)),
      ...about(4, filled, (filled) => leave(scene, filled)),
      ...about(10, requests.filter(isUnpaid), (unpaid) => Effect.flatMap(oneOf(unpaid), settle)),
      ...about(3, requests, (requests) => Effect.flatMap(oneOf(requests), settle)),
      ...about(5, open, (open) => Effect.flatMap(oneOf(open), (request) => end(scene, request))),
      [6, drawEdge(scene)],
      [18, drawStray(scene)],
    ],
    drawStray(scene),
  )
}
