import { assert, describe, layer, it as plain } from "@effect/vitest"
import { MarketplaceOptions } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { ZeroAddress } from "ethers"
import { gain, names, OfferBed, onOfferBed, reasonOf, strict } from "./OfferBed.ts"
import { offerId, offerVector, offerVectorId, openRequestId, openVector, openVectorId } from "./TestOffer.ts"

const unknown = `0x${"77".repeat(32)}`
const noRequest = [ZeroAddress, 0n, 0n, `0x${"00".repeat(32)}`, 0n, 0n, 0n, `0x${"00".repeat(32)}`]

describe("the ids", () => {
  plain("are those of the first market by offers", () => {
    assert.strictEqual(openRequestId(openVector), openVectorId)
    assert.strictEqual(offerId(offerVector), offerVectorId)
  })
})

layer(OfferBed.layer())("requestStorage", (it) => {
  it.effect("takes the highest price and announces the whole request with its id", () =>
    onOfferBed(function* (bed) {
      const { client } = openVector
      yield* bed.devnet.rpc("anvil_setBalance", [client, "0xde0b6b3a7640000"])
      yield* bed.fund(client, 100n, bed.address)
      const logs = yield* bed.send(client, "requestStorage", openVector)
      assert.deepStrictEqual(names(logs), ["Transfer", "StorageRequested"])
      assert.deepStrictEqual(logs[1]?.args, [openVectorId, Object.values(openVector)])
      assert.strictEqual(yield* bed.tokens(client), 100n - 84n)
    }),
  )

  it.effect("keeps each field of a request, up to its limit", () =>
    onOfferBed(function* (bed) {
      const most = {
        duration: 2n ** 32n - 1n,
        size: 2n ** 256n - 1n,
        contentHash: `0x${"ff".repeat(32)}`,
        proofProbability: 2n ** 64n - 1n,
        maxPrice: 2n ** 128n - 1n,
        expiry: 2n ** 40n - 1n,
        nonce: `0x${"ff".repeat(32)}`,
      }
      const least = { duration: 1n, size: 0n, proofProbability: 0n, maxPrice: 0n, expiry: 0n }
      yield* bed.fund(bed.client, most.maxPrice, bed.address)
      for (const fields of [most, least, {}]) {
        const { request, requestId } = yield* bed.requested(fields)
        const [client, ...rest] = yield* bed.fields("getRequest", requestId)
        assert.deepStrictEqual([String(client).toLowerCase(), ...rest], Object.values(request))
      }
      assert.deepStrictEqual(yield* bed.fields("getRequest", unknown), noRequest)
    }),
  )

  it.effect("refuses what can never work, for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const tooMuch = {
        duration: 2n ** 32n,
        maxPrice: 2n ** 128n,
        expiry: 2n ** 40n,
        proofProbability: 2n ** 64n,
      }
      const post = Effect.fnUntraced(function* (fields: Parameters<typeof bed.newRequest>[0], from = bed.client) {
        return yield* reasonOf(bed.send(from, "requestStorage", (yield* bed.newRequest(fields)).request))
      })
      assert.strictEqual(yield* post(tooMuch, bed.host), "Invalid client address")
      assert.strictEqual(yield* post(made.request), "Request already exists")
      assert.strictEqual(yield* post(tooMuch), "Invalid duration")
      assert.strictEqual(yield* post({ ...tooMuch, duration: 0n }), "Invalid duration")
      assert.strictEqual(yield* post({ ...tooMuch, duration: 1n }), "Invalid price")
      assert.strictEqual(yield* post({ ...tooMuch, duration: 1n, maxPrice: 1n }), "Invalid expiry")
      assert.strictEqual(yield* post({ proofProbability: 2n ** 64n }), "Invalid proof probability")
      assert.strictEqual(yield* post({ maxPrice: 2n ** 64n }), "ERC20: transfer amount exceeds balance")
      yield* bed.sendToken(bed.client, "approve", bed.address, 999n)
      assert.strictEqual(yield* post({}), "ERC20: insufficient allowance")
      yield* bed.breakToken
      assert.strictEqual(yield* post({}), "Transfer failed")
    }),
  )
})

layer(OfferBed.layer())("offerStorage", (it) => {
  it.effect("announces the offer with its id, and keeps it", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const { id, offer } = bed.newOffer(made, { expiry: 2n ** 40n - 1n })
      const logs = yield* bed.send(bed.host, "offerStorage", offer)
      const fields = yield* bed.fields("getOffer", id)
      assert.deepStrictEqual(logs, [{ name: "StorageOffered", args: [id, fields, made.requestId] }])
      assert.deepStrictEqual([String(fields[0]).toLowerCase(), ...fields.slice(1)], Object.values(offer))
      assert.deepStrictEqual(yield* bed.fields("getOffer", unknown), [ZeroAddress, `0x${"00".repeat(32)}`, 0n, 0n])
    }),
  )

  it.effect("refuses for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const offer = (fields: Parameters<typeof bed.newOffer>[1], from = bed.host, about = made) =>
        reasonOf(bed.send(from, "offerStorage", bed.newOffer(about, { host: from, ...fields }).offer))
      const worst = { requestId: unknown, price: 1001n, expiry: 2n ** 40n }
      assert.strictEqual(yield* offer({ ...worst, host: bed.host }, bed.stranger), "Invalid host address")
      assert.strictEqual(yield* offer(worst, bed.stranger), "Insufficient collateral")
      assert.strictEqual(yield* offer(worst), "Unknown request")
      const past = yield* bed.requested({ expiry: 0n })
      assert.strictEqual(yield* offer({ price: 1001n, expiry: 2n ** 40n }, bed.host, past), "Request expired")
      assert.strictEqual(yield* offer({ price: 1001n, expiry: 2n ** 40n }), "Price too high")
      assert.strictEqual(yield* offer({ price: 1000n, expiry: 2n ** 40n }), "Invalid expiry")
      yield* bed.offered(made)
      assert.strictEqual(yield* offer({}), "Offer already exists")
    }),
  )

  it.effect(
    "is open to the second before the expiry, at any price to the highest, also of an offer that has lapsed",
    () =>
      onOfferBed(function* (bed) {
        const made = yield* bed.requested()
        yield* bed.at(made.request.expiry - 2n)
        yield* bed.offered(made, { price: 1000n })
        yield* bed.at(made.request.expiry - 1n)
        yield* bed.offered(made, { price: 0n, expiry: 0n })
        yield* bed.at(made.request.expiry)
        const late = bed.send(bed.host, "offerStorage", bed.newOffer(made).offer)
        assert.strictEqual(yield* reasonOf(late), "Request expired")
      }),
  )

  it.effect("takes several offers of a host, and offers after a selection", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const first = yield* bed.offered(made)
      yield* bed.offered(made, { price: 399n })
      yield* bed.offered(made, { expiry: made.request.expiry - 1n })
      yield* bed.select(first)
      const late = yield* bed.offered(made, { host: bed.otherHost })
      assert.strictEqual(yield* reasonOf(bed.select(late)), "Offer already selected")
    }),
  )
})

layer(OfferBed.layer())("selectOffer", (it) => {
  it.effect("pays the difference back at once, and announces the contract", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const { id } = yield* bed.offered(made)
      yield* bed.offered(made, { host: bed.otherHost, price: 300n })
      assert.strictEqual(yield* bed.view("selectedOffer", made.requestId), `0x${"00".repeat(32)}`)
      const before = yield* bed.tokens(bed.client)
      const logs = yield* bed.send(bed.client, "selectOffer", id)
      assert.deepStrictEqual(names(logs), ["OfferSelected", "Transfer"])
      assert.deepStrictEqual(logs[0]?.args, [id, made.requestId])
      assert.strictEqual(yield* bed.tokens(bed.client), before + 600n)
      assert.strictEqual(yield* bed.view("selectedOffer", made.requestId), id)
      assert.strictEqual(yield* bed.state({ id }), "Selected")
      assert.strictEqual(yield* bed.count("proofEnd", id), 0n)
    }),
  )

  it.effect("refuses for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const select = (id: string, from = bed.client) => reasonOf(bed.send(from, "selectOffer", id))
      assert.strictEqual(yield* select(unknown, bed.host), "Unknown offer")
      const made = yield* bed.requested()
      const { expiry } = made.request
      const lapsed = yield* bed.offered(made, { expiry: 0n })
      const good = yield* bed.offered(made, { expiry: expiry + 100n })
      const other = yield* bed.offered(made, { host: bed.otherHost, expiry: expiry + 100n })
      assert.strictEqual(yield* select(lapsed.id, bed.host), "Offer expired")
      assert.strictEqual(yield* select(good.id, bed.host), "Only client can select offer")
      const unselected = yield* bed.requested()
      const late = yield* bed.offered(unselected, { expiry: unselected.request.expiry + 100n })
      yield* bed.select(good)
      yield* bed.goTo(unselected.request.expiry - 1n)
      assert.strictEqual(yield* select(other.id), "Offer already selected")
      assert.strictEqual(yield* select(late.id), "Request expired")
      yield* bed.goTo(expiry + 100n)
      assert.strictEqual(yield* select(other.id), "Offer expired")
    }),
  )

  it.effect("is possible to the second before the offer's expiry", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      const offer = yield* bed.offered(made, { expiry: made.request.expiry - 100n })
      yield* bed.at(made.request.expiry - 100n)
      assert.strictEqual(yield* reasonOf(bed.select(offer)), "Offer expired")
      yield* bed.at(made.request.expiry - 99n)
      const soon = yield* bed.offered(made, { expiry: made.request.expiry - 97n })
      yield* bed.at(made.request.expiry - 98n)
      yield* bed.select(soon)
    }),
  )

  it.effect("reverts when the token does not pay back", () =>
    onOfferBed(function* (bed) {
      const offer = yield* bed.offered(yield* bed.requested())
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.select(offer)), "Withdraw failed")
    }),
  )
})

const perSlot = new MarketplaceOptions({ ...MarketplaceOptions.standard, collateralPerSlot: true })

layer(OfferBed.layer({ config: strict }))("selectOffer", (it) => {
  it.effect("refuses a host who has too little left since it offered", () =>
    onOfferBed(function* (bed) {
      const offer = yield* bed.offered(yield* bed.requested())
      yield* bed.miss(yield* bed.started({ proofProbability: 1n, duration: 10_000n }))
      assert.strictEqual(yield* bed.count("balanceOf", bed.host), 30n)
      assert.strictEqual(yield* reasonOf(bed.select(offer)), "Insufficient collateral")
    }),
  )
})

layer(OfferBed.layer({ options: perSlot, deposit: 200n }))("with collateral for each slot, a host", (it) => {
  it.effect("offers as it likes, and has contracts and offers for which its collateral is enough", () =>
    onOfferBed(function* (bed) {
      const first = yield* bed.offered(yield* bed.requested())
      const second = yield* bed.offered(yield* bed.requested())
      const third = yield* bed.offered(yield* bed.requested())
      yield* bed.select(first)
      yield* bed.select(second)
      assert.strictEqual(yield* reasonOf(bed.select(third)), "Insufficient collateral")
      const { offer } = bed.newOffer(yield* bed.requested())
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "offerStorage", offer)), "Insufficient collateral")
      yield* bed.send(bed.host, "deposit", 100n)
      yield* bed.select(third)
    }),
  )
})

layer(OfferBed.layer())("startContract", (it) => {
  it.effect("begins the contract's time, and says so", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.selected()
      assert.deepStrictEqual(yield* bed.send(bed.host, "startContract", made.id), [
        { name: "ContractStarted", args: [made.id] },
      ])
      assert.strictEqual(yield* bed.state(made), "Started")
      assert.strictEqual(yield* bed.count("proofEnd", made.id), (yield* bed.now) + 3600n)
    }),
  )

  it.effect("refuses for the first of several reasons", () =>
    onOfferBed(function* (bed) {
      const start = (id: string, from = bed.host) => reasonOf(bed.send(from, "startContract", id))
      const made = yield* bed.requested()
      const { expiry } = made.request
      const offer = yield* bed.offered(made)
      const other = yield* bed.offered(made, { host: bed.otherHost })
      assert.strictEqual(yield* start(unknown), "Only host can call this function")
      assert.strictEqual(yield* start(offer.id, bed.client), "Only host can call this function")
      assert.strictEqual(yield* start(offer.id), "Offer was not selected")
      yield* bed.select(offer)
      assert.strictEqual(yield* start(other.id, bed.otherHost), "Offer was not selected")
      const late = yield* bed.selected({ expiry })
      yield* bed.send(bed.host, "startContract", offer.id)
      yield* bed.goTo(expiry - 1n)
      assert.strictEqual(yield* start(late.id), "Request expired")
      assert.strictEqual(yield* start(offer.id), "Proof id already in use")
    }),
  )

  it.effect("is possible to the second before the expiry", () =>
    onOfferBed(function* (bed) {
      const { id, request } = yield* bed.selected()
      yield* bed.at(request.expiry - 1n)
      yield* bed.send(bed.host, "startContract", id)
    }),
  )
})

layer(OfferBed.layer())("finishContract", (it) => {
  it.effect("pays the host the price, whoever calls it, and says so", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.at(made.start + 3601n)
      const before = yield* bed.tokens(bed.host)
      const logs = yield* bed.finish(made)
      assert.deepStrictEqual(names(logs), ["ContractFinished", "Transfer"])
      assert.deepStrictEqual(logs[0]?.args, [made.id])
      assert.strictEqual(yield* bed.tokens(bed.host), before + 400n)
      assert.strictEqual(yield* bed.state(made), "Finished")
      assert.strictEqual(yield* bed.count("proofEnd", made.id), made.start + 3600n)
      assert.strictEqual(yield* bed.tokens(bed.address), 200n)
    }),
  )

  it.effect("refuses a contract that did not start, has not ended, or was paid", () =>
    onOfferBed(function* (bed) {
      const offer = yield* bed.offered(yield* bed.requested())
      const selected = yield* bed.selected()
      for (const id of [unknown, offer.id, selected.id])
        assert.strictEqual(yield* reasonOf(bed.finish({ id })), "Contract not started")
      const made = yield* bed.started()
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Contract has not ended yet")
      yield* bed.at(made.start + 3600n)
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Contract has not ended yet")
      yield* bed.at(made.start + 3601n)
      yield* bed.finish(made)
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Contract not started")
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "startContract", made.id)), "Proof id already in use")
    }),
  )

  it.effect("reverts when the token does not pay", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.started()
      yield* bed.goTo(made.start + 3601n)
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Payment failed")
    }),
  )
})

layer(OfferBed.layer())("withdrawFunds", (it) => {
  it.effect("pays the whole of a request in which nothing was selected back to the client (hole: stuck escrow)", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.offered(made)
      yield* bed.at(made.request.expiry - 1n)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Request not yet timed out")
      yield* bed.at(made.request.expiry)
      assert.strictEqual(yield* gain(bed, bed.client, bed.refund(made)), 1000n)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
      assert.strictEqual(yield* bed.tokens(bed.address), 200n)
    }),
  )

  it.effect("pays the price back when the host did not start, and releases it (hole: no deadline for starting)", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.selected()
      yield* bed.at(made.request.expiry - 1n)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Request not yet timed out")
      yield* bed.at(made.request.expiry)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdraw")), "Account locked")
      assert.strictEqual(yield* gain(bed, bed.client, bed.refund(made)), 400n)
      assert.strictEqual(yield* bed.state(made), "Released")
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "startContract", made.id)), "Request expired")
      assert.strictEqual(yield* reasonOf(bed.finish(made)), "Contract not started")
      assert.strictEqual(yield* gain(bed, bed.host, bed.send(bed.host, "withdraw")), 100n)
    }),
  )

  it.effect("pays nothing back of a contract that started", () =>
    onOfferBed(function* (bed) {
      assert.strictEqual(yield* reasonOf(bed.refund({ requestId: unknown })), "Unknown request")
      const made = yield* bed.started()
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Request not yet timed out")
      yield* bed.goTo(made.request.expiry)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
      yield* bed.goTo(made.start + 3601n)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
      yield* bed.finish(made)
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Invalid state")
    }),
  )

  it.effect("reverts when the token does not pay back", () =>
    onOfferBed(function* (bed) {
      const made = yield* bed.requested({ expiry: 0n })
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.refund(made)), "Withdraw failed")
    }),
  )
})
