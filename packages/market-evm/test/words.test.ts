import { assert, describe, it } from "@effect/vitest"
import { Address, testTokenAbi, zeroAddress } from "@pecia/contracts-abi"
import { Option } from "effect"
import { AbiCoder, Interface, id } from "ethers"
import { CallReverted, NodeRefusal } from "../src/index.ts"
import { explain, reasonOf } from "../src/internal/abi.ts"
import { refusalOf } from "../src/internal/refusalOf.ts"

const account = Address.make(`0x${"ab".repeat(20)}`)

describe("what a node means that does not take a transaction", () => {
  const meaning = (detail: string) =>
    Option.match(refusalOf(account, new NodeRefusal({ method: "eth_sendRawTransaction", code: -32000, detail })), {
      onNone: () => "has it already",
      onSome: ({ isNonceTaken, isRetryable }) => (isNonceTaken ? "nonce taken" : isRetryable ? "try again" : "give up"),
    })

  it.each([
    ["already known", "has it already"],
    ["transaction already imported", "has it already"],
    ["Transaction with the same hash was already imported.", "has it already"],
    ["AlreadyKnown, already in the pool", "has it already"],
    ["known transaction: 0x12", "has it already"],
    ["nonce too low", "nonce taken"],
    ["nonce too low: next nonce 5, tx nonce 4", "nonce taken"],
    ["replacement transaction underpriced", "nonce taken"],
    ["OldNonce: nonce is too old", "nonce taken"],
    ["insufficient funds for gas * price + value", "give up"],
    ["Insufficient funds for gas * price + value", "give up"],
    ["max fee per gas less than block base fee", "try again"],
    ["transaction underpriced", "try again"],
    ["txpool is full", "try again"],
    ["intrinsic gas too high -- tx.gas_limit > env.block.gas_limit", "give up"],
    ["invalid chain id for signer", "give up"],
  ])("%s: %s", (words, expected) => {
    assert.strictEqual(meaning(words), expected)
  })
})

describe("why a contract reverted", () => {
  const reverted = (data: string) => new CallReverted({ data, detail: "execution reverted" })
  const coder = AbiCoder.defaultAbiCoder()
  const encoded = (error: string, types: ReadonlyArray<string>, values: ReadonlyArray<unknown>) =>
    reverted(`${id(error).slice(0, 10)}${coder.encode(types, values).slice(2)}`)
  const words = (text: string) => encoded("Error(string)", ["string"], [text])
  const panic = (code: number) => encoded("Panic(uint256)", ["uint256"], [code])
  const token = (error: string) => reverted(new Interface(testTokenAbi).encodeErrorResult(error, [zeroAddress, 1n, 2n]))

  it("is a reason of the interface when the contract says one, or the token says it in the newer way", () => {
    assert.deepStrictEqual(reasonOf(words("Slot is not free")), Option.some("Slot is not free"))
    assert.deepStrictEqual(reasonOf(token("ERC20InsufficientAllowance")), Option.some("ERC20: insufficient allowance"))
    assert.deepStrictEqual(
      reasonOf(token("ERC20InsufficientBalance")),
      Option.some("ERC20: transfer amount exceeds balance"),
    )
  })

  it("is no reason of the interface otherwise", () => {
    for (const other of [words("Paused"), panic(17), reverted("0x"), reverted("0x12345678"), reverted("0x12")]) {
      assert.isTrue(Option.isNone(reasonOf(other)))
    }
  })

  it("is told in words all the same", () => {
    const sentence = (why: CallReverted) => explain("fillSlot", why).message
    assert.strictEqual(sentence(words("Paused")), "The contract refused fillSlot: Paused.")
    assert.include(sentence(panic(17)), "panic: a number would be negative or exceed its type")
    assert.include(sentence(panic(65)), "panic: code 65")
    assert.include(sentence(reverted("0x")), "it gave no reason")
    assert.include(sentence(reverted("0x12345678")), "its reason cannot be read (0x12345678)")
  })
})
