import { ContentHash, Nonce, Offer, OfferId, OpenRequest, RequestId, zeroAddress } from "@pecia/contracts-abi"
import { Array as Arr, Effect, Order, Random } from "effect"
import { concat, keccak256, toBeHex } from "ethers"
import { below, between, chance, mostly, oneOf, weighted } from "../dice.ts"
import { accounts } from "../Terms.ts"
import type { OfferNow, OfferScene, RequestNow } from "./OfferScene.ts"
import { OfferStep } from "./OfferStep.ts"

/** Steps that make sense together. */
type Plan = Effect.Effect<ReadonlyArray<OfferStep>>

/** Ids that belong to nothing. */
export const strangeRequest = RequestId.make(`0x${"5a".repeat(32)}`)
export const strangeOffer = OfferId.make(`0x${"a5".repeat(32)}`)

/** The account that can pay any price. */
const rich = 0
const anyone = below(accounts.length)
/** Clients are accounts 0 to 2 mostly, hosts 1 to 3: some are both. */
const aClient = Effect.flatMap(chance(85), (usual) => (usual ? below(3) : anyone))
const aHost = Effect.flatMap(chance(85), (usual) => (usual ? Effect.map(below(3), (who) => who + 1) : anyone))
const aProof = mostly(90, new Uint8Array([42]), [new Uint8Array(), new Uint8Array(700).fill(9)])
const account = (who: number) => accounts[who] ?? zeroAddress

const drawRequest = Effect.fnUntraced(function* (who: number, now: bigint) {
  const expiry = now + (yield* mostly(85, yield* between(5n, 60n), [0n, -1n, 1n]))
  return new OpenRequest({
    client: account(who),
    duration: yield* between(1n, 130n),
    size: yield* mostly(80, 65_536n, [0n, 2n ** 256n - 1n]),
    contentHash: ContentHash.make(toBeHex(yield* below(1_000_000_000), 32)),
    proofProbability: yield* mostly(70, 1n, [0n, 2n, 3n, 4n, 2n ** 64n - 1n]),
    maxPrice: yield* mostly(80, yield* between(1n, 500n), who === rich ? [0n, 2n ** 128n - 1n] : [0n, 4_000n]),
    expiry: yield* mostly(96, expiry, [0n, 2n ** 40n - 1n]),
    nonce: Nonce.make(toBeHex(yield* below(1_000_000_000), 32)),
  })
})

const newRequest = ({ now }: OfferScene): Plan =>
  Effect.gen(function* () {
    const who = yield* aClient
    const step = OfferStep.requestStorage({ who, request: yield* drawRequest(who, now) })
    return (yield* chance(5)) ? [step, step] : [step]
  })

/** One thing or two of the request are at an edge or beyond it: the first wrong one has to be named. */
const oddRequest = ({ now }: OfferScene): Plan =>
  Effect.gen(function* () {
    const who = yield* aClient
    const drawChange = Effect.gen(function* () {
      return yield* oneOf<Partial<OpenRequest>>([
        { client: account(yield* anyone) },
        { duration: yield* oneOf([0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 256n - 1n]) },
        { maxPrice: yield* oneOf([2n ** 128n - 1n, 2n ** 128n, 2n ** 256n - 1n]) },
        { expiry: yield* oneOf([2n ** 40n - 1n, 2n ** 40n, 2n ** 256n - 1n]) },
        { proofProbability: yield* oneOf([2n ** 64n, 2n ** 256n - 1n]) },
      ])
    })
    const request = { ...(yield* drawRequest(who, now)), ...(yield* drawChange) }
    const odder = (yield* chance(40)) ? yield* drawChange : {}
    return [OfferStep.requestStorage({ who, request: new OpenRequest({ ...request, ...odder }) })]
  })

/** One host or several offer; one may put up what it takes before. */
const bid = ({ now, terms }: OfferScene, { id, request }: RequestNow): Plan =>
  Effect.gen(function* () {
    const steps: Array<OfferStep> = []
    for (let bids = yield* oneOf([1, 1, 2, 3]); bids > 0; bids--) {
      const who = yield* aHost
      const most = request.maxPrice < 500n ? request.maxPrice : 500n
      const offer = new Offer({
        host: yield* mostly(96, account(who), [account(rich)]),
        requestId: yield* mostly(97, id, [strangeRequest]),
        price: yield* mostly(92, yield* between(0n, most), [request.maxPrice + 1n, 2n ** 256n - 1n]),
        expiry: yield* mostly(85, now + (yield* between(10n, 90n)), [now, 0n, 2n ** 40n - 1n, 2n ** 40n]),
      })
      if (yield* chance(35)) {
        steps.push(OfferStep.deposit({ who, amount: terms.config.collateral.initialAmount }))
      }
      const step = OfferStep.offerStorage({ who, offer })
      steps.push(step, ...((yield* chance(8)) ? [step] : []))
    }
    return steps
  })

/** The client takes the cheapest offer, or another one; its host may start at once. */
const select = ({ client, offers }: RequestNow): Plan =>
  Effect.gen(function* () {
    const byPrice = Arr.sortWith(offers, ({ offer }: OfferNow) => offer.price, Order.BigInt)
    if (!Arr.isReadonlyArrayNonEmpty(byPrice)) return []
    const { host, id } = (yield* chance(80)) ? byPrice[0] : yield* oneOf(byPrice)
    const who = yield* mostly(93, client, [yield* anyone])
    const step = OfferStep.selectOffer({ who, offerId: id })
    return (yield* chance(45)) ? [step, OfferStep.startContract({ who: host, offerId: id })] : [step]
  })

/** One host offers for all that is open, and is selected for all of it, be it more than its collateral covers. */
const winAll = ({ now }: OfferScene, open: ReadonlyArray<RequestNow>): Plan =>
  Effect.map(aHost, (who) => {
    const offers = open.map(({ client, id: requestId }) => ({
      client,
      offer: new Offer({ host: account(who), requestId, price: 0n, expiry: now + 50n }),
    }))
    return [
      ...offers.map(({ offer }) => OfferStep.offerStorage({ who, offer })),
      ...offers.map(({ client, offer }) => OfferStep.selectOffer({ who: client, offerId: Offer.id(offer) })),
    ]
  })

const start = ({ host, id }: OfferNow): Plan =>
  Effect.map(mostly(92, host, [rich]), (who) => [OfferStep.startContract({ who, offerId: id })])

/** Lets a period go by in which a contract is not proven, sees that its pointer stands well, and tells; then perhaps another one. */
const miss = (scene: OfferScene, contract: OfferNow): Plan =>
  Effect.gen(function* () {
    const { downtime, period: seconds, timeout } = scene.terms.config.proofs
    const steps: Array<OfferStep> = []
    let { now, number } = scene
    for (let rounds = yield* oneOf([1, 1, 2, 3]); rounds > 0; rounds--) {
      const who = (yield* chance(25)) ? contract.host : yield* anyone
      const period = now / seconds + (yield* oneOf([0n, 1n, 1n, 1n]))
      now = (period + 1n) * seconds + (yield* mostly(80, 1n, [0n, timeout - 1n, timeout]))
      const pointer = (number + 2n + BigInt(keccak256(concat([contract.id, toBeHex(period, 32)])))) % 256n
      const count = yield* mostly(88, pointer < downtime ? downtime - pointer : 0n, [0n, 1n])
      const mark = OfferStep.markProofAsMissing({ who, offerId: contract.id, period })
      steps.push(OfferStep.advanceTo({ time: now }), ...(count > 0n ? [OfferStep.mine({ count })] : []), mark)
      if (yield* chance(15)) steps.push(mark)
      number += 2n + count
    }
    return steps
  })

/** A proof in time, now and then followed by another one, or by a mark for having missed it. */
const prove = (scene: OfferScene, { host, id }: OfferNow): Plan =>
  Effect.gen(function* () {
    const { period: seconds } = scene.terms.config.proofs
    const period = scene.now / seconds + 1n
    const who = yield* mostly(92, host, [yield* anyone])
    const step = OfferStep.submitProof({ who, offerId: id, proof: yield* aProof })
    const mark = OfferStep.markProofAsMissing({ who: yield* anyone, offerId: id, period })
    return [
      ...((yield* chance(70)) ? [OfferStep.advanceTo({ time: period * seconds })] : []),
      step,
      ...((yield* chance(15)) ? [step] : []),
      ...((yield* chance(20)) ? [OfferStep.advanceTo({ time: (period + 1n) * seconds + 1n }), mark] : []),
    ]
  })

/** Whoever has something coming wants it, in any order, and not all of them. */
const settle = ({ id, offers }: RequestNow): Plan =>
  Effect.gen(function* () {
    const over = offers.filter(({ state }) => state === "Started" || state === "Failed")
    const payouts = yield* Effect.forEach(over, (contract) =>
      Effect.map(anyone, (who) => OfferStep.finishContract({ who, offerId: contract.id })),
    )
    const refund = OfferStep.withdrawFunds({ who: yield* anyone, requestId: id })
    const steps = yield* Random.shuffle<OfferStep>([...payouts, refund])
    return (yield* chance(70)) ? steps : steps.slice(0, 1)
  })

/** Time goes on to a moment at which something may change, or blocks go by; then those who want to be paid may try. */
const drawEdge = ({ now, offers, requests, terms }: OfferScene): Plan =>
  Effect.gen(function* () {
    if (yield* chance(10)) return [OfferStep.mine({ count: yield* oneOf([1n, 3n, 40n, 256n]) })]
    const { period: seconds } = terms.config.proofs
    const ends = [
      ...requests.map(({ request }) => request.expiry),
      ...offers.flatMap(({ end, offer }) => [offer.expiry, ...(end === undefined ? [] : [end])]),
    ]
    const moments = [(now / seconds + 1n) * seconds, ...ends.flatMap((end) => [end - 1n, end, end + 1n])]
    // a moment that is years away would leave nothing to be tried before
    const near = moments.filter((moment) => moment > now && moment < now + 300n)
    const time = Arr.isReadonlyArrayNonEmpty(near) ? yield* oneOf(near) : now + 1n
    const settled =
      Arr.isReadonlyArrayNonEmpty(requests) && (yield* chance(40)) ? yield* settle(yield* oneOf(requests)) : []
    return [OfferStep.advanceTo({ time }), ...settled]
  })

/** Any call with any arguments, by anyone. */
const drawStray = ({ now, offers, requests, terms }: OfferScene): Plan =>
  Effect.gen(function* () {
    const who = yield* anyone
    const amount = yield* mostly(50, 100n, [
      0n,
      1n,
      60n,
      1_000n,
      4_000n,
      4_000n,
      2n ** 128n - 1n,
      2n ** 128n,
      2n ** 256n - 1n,
    ])
    const strange = yield* chance(10)
    const offerId = Arr.isReadonlyArrayNonEmpty(offers) && !strange ? (yield* oneOf(offers)).id : strangeOffer
    const known = Arr.isReadonlyArrayNonEmpty(requests) && !strange ? yield* oneOf(requests) : undefined
    const requestId = known?.id ?? strangeRequest
    const current = now / terms.config.proofs.period
    const period = yield* oneOf([current - 1n, current - 1n, current - 2n, current, current + 1n, 0n, 2n ** 255n])
    const proof = yield* aProof
    const step = yield* weighted<OfferStep, never, never>(
      [
        [2, Effect.succeed(OfferStep.mint({ to: account(who), amount }))],
        [1, Effect.succeed(OfferStep.approveFunds({ who, amount }))],
        [4, Effect.succeed(OfferStep.deposit({ who, amount }))],
        [3, Effect.succeed(OfferStep.withdraw({ who }))],
        ...(known ? [[1, Effect.succeed(OfferStep.requestStorage({ who, request: known.request }))] as const] : []),
        [2, Effect.succeed(OfferStep.selectOffer({ who, offerId }))],
        [2, Effect.succeed(OfferStep.startContract({ who, offerId }))],
        [2, Effect.succeed(OfferStep.finishContract({ who, offerId }))],
        [2, Effect.succeed(OfferStep.submitProof({ who, offerId, proof }))],
        [3, Effect.succeed(OfferStep.markProofAsMissing({ who, offerId, period }))],
        [2, Effect.succeed(OfferStep.withdrawFunds({ who, requestId }))],
      ],
      Effect.succeed(OfferStep.withdraw({ who })),
    )
    return [step]
  })

/** A plan for when there is something that it can be about. */
const about = <A>(weight: number, things: ReadonlyArray<A>, plan: (thing: A) => Plan) =>
  Arr.isReadonlyArrayNonEmpty(things) ? [[weight, Effect.flatMap(oneOf(things), plan)] as const] : []

/** What may be done next; what makes sense now comes more often than what does not. */
export const drawOfferPlan = (scene: OfferScene): Plan => {
  const { now, offers, requests } = scene
  const open = requests.filter(({ request, selected }) => selected === undefined && request.expiry > now)
  const bidden = open.filter(({ offers }) => offers.length > 0)
  const waiting = offers.filter(({ state }) => state === "Selected")
  const running = offers.filter(({ end, state }) => state === "Started" && (end ?? 0n) >= now)
  const begun = offers.filter(({ end }) => end !== undefined)
  const failed = requests.filter(({ offers }) => offers.some(({ state }) => state === "Failed"))
  return weighted(
    [
      [open.length < 2 ? 10 : 2, newRequest(scene)],
      [5, oddRequest(scene)],
      ...about(12, open, (request) => bid(scene, request)),
      ...about(2, requests, (request) => bid(scene, request)),
      ...about(8, bidden, select),
      [open.length > 1 ? 3 : 0, winAll(scene, open)],
      ...about(2, requests, select),
      ...about(6, waiting, start),
      ...about(14, running, (contract) => miss(scene, contract)),
      ...about(5, begun, (contract) => prove(scene, contract)),
      ...about(4, requests, settle),
      ...about(5, failed, settle),
      [8, drawEdge(scene)],
      [14, drawStray(scene)],
    ],
    drawStray(scene),
  )
}
