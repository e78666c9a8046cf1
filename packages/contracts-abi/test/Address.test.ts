import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { getAddress } from "ethers"
import { Address } from "../src/index.ts"

const lower = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
const checksummed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

describe("Address.from", () => {
  it.each([lower, checksummed, lower.toUpperCase().replace("0X", "0x"), lower.toUpperCase()])("reads %s", (text) => {
    assert.deepStrictEqual(Address.from(text), Result.succeed(Address.make(lower)))
  })

  it("refuses a checksum with a typing error", () => {
    const error = Result.getOrThrow(Result.flip(Address.from(checksummed.replace("aA", "AA"))))
    assert.strictEqual(error.problem, "Checksum")
    assert.match(error.message, /typing error/)
  })

  it.each([
    "",
    "0x",
    lower.slice(2),
    lower.slice(0, -1),
    `${lower}0`,
    lower.replace("a", "g"),
    ` ${lower}`,
    `${lower}\n`,
  ])("refuses %j", (text) => {
    const error = Result.getOrThrow(Result.flip(Address.from(text)))
    assert.strictEqual(error.problem, "Shape")
    assert.include(error.message, "40 hex digits")
  })

  it("does not repeat a long text in its message", () => {
    assert.isBelow(Result.getOrThrow(Result.flip(Address.from("x".repeat(1_000_000)))).message.length, 200)
  })
})

it.effect.prop("the checksum is the one of EIP-55, and is read back", [Address], ([address]) =>
  Effect.sync(() => {
    assert.strictEqual(Address.checksummed(address), getAddress(address))
    assert.deepStrictEqual(Address.from(Address.checksummed(address)), Result.succeed(address))
  }),
)
