import { assert, layer } from "@effect/vitest"
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
