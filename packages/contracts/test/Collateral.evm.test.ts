import { assert, layer } from "@effect/vitest"
import { MarketplaceOptions } from "@pecia/contracts-abi"
import { MaxUint256 } from "ethers"
import { Bed, names, onBed, reasonOf } from "./Bed.ts"

layer(Bed.layer())("collateral", (it) => {
  it.effect("a deposit moves tokens into the contract and adds to the balance", () =>
    onBed(function* (bed) {
      const before = yield* bed.tokens(bed.host)
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "deposit", 7n)), ["Transfer"])
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 107n)
      assert.strictEqual(yield* bed.tokens(bed.host), before - 7n)
      assert.strictEqual(yield* bed.tokens(bed.marketplace), 207n)
    }),
  )

  it.effect("a deposit needs an allowance", () =>
    onBed(function* (bed) {
      yield* bed.sendToken(bed.stranger, "mint", bed.stranger, 100n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.stranger, "deposit", 1n)), "ERC20: insufficient allowance")
    }),
  )

  it.effect("a deposit needs the tokens", () =>
    onBed(function* (bed) {
      yield* bed.fund(bed.stranger, 99n)
      const refused = reasonOf(bed.send(bed.stranger, "deposit", 100n))
      assert.strictEqual(yield* refused, "ERC20: transfer amount exceeds balance")
    }),
  )

  it.effect("a deposit is refused when the token answers false", () =>
    onBed(function* (bed) {
      yield* bed.breakToken
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "deposit", 1n)), "Transfer failed")
    }),
  )

  it.effect("a deposit is refused that makes the balance exceed 128 bits, before a token moves", () =>
    onBed(function* (bed) {
      const largest = 2n ** 128n - 1n
      yield* bed.fund(bed.host, largest)
      const before = yield* bed.tokens(bed.host)
      for (const amount of [largest - 99n, largest, largest + 1n, MaxUint256 - 99n, MaxUint256])
        assert.strictEqual(yield* reasonOf(bed.send(bed.host, "deposit", amount)), "Amount too large")
      assert.strictEqual(yield* bed.tokens(bed.host), before)
      yield* bed.send(bed.host, "deposit", largest - 100n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), largest)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "deposit", 1n)), "Amount too large")
      yield* bed.send(bed.host, "deposit", 0n)
    }),
  )

  it.effect("a withdrawal pays out the whole balance", () =>
    onBed(function* (bed) {
      const before = yield* bed.tokens(bed.host)
      yield* bed.send(bed.host, "deposit", 7n)
      assert.deepStrictEqual(names(yield* bed.send(bed.host, "withdraw")), ["Transfer"])
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 0n)
      assert.strictEqual(yield* bed.tokens(bed.host), before + 100n)
      assert.strictEqual(yield* bed.view("balanceOf", bed.otherHost), 100n)
    }),
  )

  it.effect("a withdrawal of nothing is fine", () =>
    onBed(function* (bed) {
      yield* bed.send(bed.stranger, "withdraw")
      assert.strictEqual(yield* bed.tokens(bed.stranger), 0n)
    }),
  )

  it.effect("collateral is locked while any slot is held, and not after", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made, 0n)
      yield* bed.fill(bed.host, made, 1n)
      yield* bed.send(bed.host, "freeSlot", made.slot)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdraw")), "Account locked")
      yield* bed.send(bed.otherHost, "withdraw")
      yield* bed.send(bed.host, "freeSlot", made.slots[1])
      yield* bed.send(bed.host, "withdraw")
      assert.strictEqual(yield* bed.view("balanceOf", bed.host), 0n)
    }),
  )

  it.effect("collateral stays locked by a slot of a cancelled request", () =>
    onBed(function* (bed) {
      const made = yield* bed.requested()
      yield* bed.fill(bed.host, made)
      yield* bed.goTo(made.request.expiry + 1n)
      assert.strictEqual(yield* reasonOf(bed.send(bed.host, "withdraw")), "Account locked")
    }),
  )

  it.effect("a withdrawal asserts that the token moved", () =>
    onBed(function* (bed) {
      yield* bed.breakToken
      assert.match(yield* reasonOf(bed.send(bed.host, "withdraw")), /assert/)
    }),
  )
})

const perSlot = new MarketplaceOptions({ ...MarketplaceOptions.standard, collateralPerSlot: true })
const demanding = { contract: "Marketplace", verifier: "TestVerifier", options: perSlot, deposit: 250n } as const

layer(Bed.layer(demanding))("hole 4: collateral is demanded for each slot", (it) => {
  it.effect("a host takes as many slots as its deposit covers, of all requests", () =>
    onBed(function* (bed) {
      const [a, b] = [yield* bed.requested(), yield* bed.requested()]
      yield* bed.fill(bed.host, a, 0n)
      yield* bed.fill(bed.host, b, 0n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, a, 1n)), "Insufficient collateral")
      yield* bed.send(bed.host, "deposit", 49n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, a, 1n)), "Insufficient collateral")
      yield* bed.send(bed.host, "deposit", 1n)
      yield* bed.fill(bed.host, a, 1n)
      yield* bed.fill(bed.otherHost, a, 2n)
    }),
  )

  it.effect("a slot that was given up or paid makes room for another", () =>
    onBed(function* (bed) {
      const a = yield* bed.requested()
      const b = yield* bed.requested({}, { expiry: a.request.expiry + 1000n })
      yield* bed.fill(bed.host, a, 0n)
      yield* bed.fill(bed.host, a, 1n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, b, 0n)), "Insufficient collateral")
      yield* bed.send(bed.host, "freeSlot", a.slots[0])
      yield* bed.fill(bed.host, b, 0n)
      yield* bed.goTo(a.request.expiry + 1n)
      assert.strictEqual(yield* reasonOf(bed.fill(bed.host, b, 1n)), "Insufficient collateral")
      yield* bed.send(bed.host, "freeSlot", a.slots[1])
      yield* bed.fill(bed.host, b, 1n)
      assert.sameMembers(yield* bed.list(bed.host, "mySlots"), [b.slots[0], b.slots[1]])
    }),
  )
})
