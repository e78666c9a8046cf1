import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Option, PlatformError, Result } from "effect"
import { getCreateAddress, HDNodeWallet } from "ethers"
import { Address, Deployment, zeroAddress } from "../src/index.ts"

const token = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
const marketplace = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
const json = (file: object) => JSON.stringify(file)
const file = json({
  chainId: 31_337,
  contracts: { Marketplace: { address: marketplace, abi: [] }, TestToken: { address: token } },
})

const parsed = (text: string) => Deployment.parse(text, "deployment.json")
const addressOf = (text: string, contract: string, chainId: bigint) =>
  Result.flatMap(parsed(text), (deployment) => Deployment.addressOf(deployment, contract, chainId))
const sentence = (result: Result.Result<unknown, Error>) => Result.getOrThrow(Result.flip(result)).message

describe("a deployment file", () => {
  it("says where the contracts stand", () => {
    assert.deepStrictEqual(
      addressOf(file, "Marketplace", 31_337n),
      Result.succeed(Address.make(marketplace.toLowerCase())),
    )
    assert.deepStrictEqual(addressOf(file, "TestToken", 31_337n), Result.succeed(Address.make(token.toLowerCase())))
  })

  it("may leave out the chain, or name it in digits", () => {
    const contracts = { Marketplace: { address: marketplace } }
    assert.isTrue(Result.isSuccess(addressOf(json({ contracts }), "Marketplace", 5n)))
    assert.isTrue(Result.isSuccess(addressOf(json({ chainId: "5", contracts }), "Marketplace", 5n)))
    assert.isTrue(Result.isFailure(addressOf(json({ chainId: "5", contracts }), "Marketplace", 6n)))
  })

  it("may begin with a byte-order mark", () => {
    assert.deepStrictEqual(parsed(`\uFEFF${file}`), parsed(file))
  })

  it.each([
    ["", /^The deployment in deployment.json cannot be understood \(it is not JSON: /],
    ["{", /it is not JSON/],
    ["null", /Expected object/],
    ["[]", /contracts/],
    ["{}", /contracts/],
    [json({ contracts: { Marketplace: marketplace } }), /Marketplace/],
    [json({ contracts: { Marketplace: {} } }), /address/],
    [json({ contracts: { Marketplace: { address: 1 } } }), /address/],
    [json({ contracts: { Marketplace: { address: "0x12" } } }), /Marketplace: "0x12" is not an address/],
    [json({ contracts: { Marketplace: { address: marketplace.replace("E", "e") } } }), /typing error/],
    [json({ chainId: -1, contracts: {} }), /chainId/],
    [json({ chainId: "0x5", contracts: {} }), /chainId/],
    [json({ chainId: 1.5, contracts: {} }), /\(Expected a whole number or its decimal digits at \["chainId"\]\);/],
    [json({ chainId: true, contracts: {} }), /\(Expected a whole number or its decimal digits at \["chainId"\]\);/],
    ['{\n"contracts": {\n', /it is not JSON/],
    [json({ contracts: { "Market\nplace": { address: "0x\n" } } }), /Market place: /],
    [json({ contracts: { Marketplace: { address: zeroAddress } } }), /Marketplace: at the zero address there is never/],
  ])("%s is refused with a sentence", (text, expected) => {
    assert.match(sentence(parsed(text)), expected)
    assert.notInclude(sentence(parsed(text)), "\n")
    assert.include(sentence(parsed(text)), 'it has to look like {"contracts": {"Marketplace": {"address": "0x..."}}}')
  })

  it("without the contract that is needed is refused", () => {
    for (const contract of ["Marketplace", "toString", "__proto__"]) {
      assert.strictEqual(
        sentence(addressOf(json({ contracts: {} }), contract, 1n)),
        `The deployment in deployment.json has no contract ${contract}; deploy it, or name another deployment file.`,
      )
    }
  })

  it("for another chain is refused", () => {
    assert.strictEqual(
      sentence(addressOf(file, "Marketplace", 1n)),
      "The deployment in deployment.json is for chain 31337, but the chain's node answers for chain 1; change the URL of the chain or the deployment file.",
    )
  })
})

describe("Deployment.read", () => {
  const files = FileSystem.layerNoop({
    readFileString: (path) => {
      if (path === "deployment.json") return Effect.succeed(file)
      const _tag = path === "secret.json" ? "PermissionDenied" : "NotFound"
      return Effect.fail(
        PlatformError.systemError({ _tag, module: "FileSystem", method: "readFileString", pathOrDescriptor: path }),
      )
    },
  })

  it.effect("reads the file that is named", () =>
    Effect.gen(function* () {
      const read = yield* Deployment.read(Option.some("deployment.json"), 31_337n)
      assert.deepStrictEqual(read, Result.getOrThrow(parsed(file)))
    }).pipe(Effect.provide(files)),
  )

  it.effect("says which file is not there, or cannot be read", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(Deployment.read(Option.some("none.json"), 31_337n))
      assert.strictEqual(missing._tag, "DeploymentUnreadable")
      assert.include(missing.message, "The deployment file none.json cannot be read (there is no such file); name")
      const secret = yield* Effect.flip(Deployment.read(Option.some("secret.json"), 31_337n))
      assert.match(secret.message, /^The deployment file secret.json cannot be read \(PermissionDenied/)
    }).pipe(Effect.provide(files)),
  )

  it.effect("knows the devnet when no file is named, and no other chain", () =>
    Effect.gen(function* () {
      const account = HDNodeWallet.fromPhrase("test test test test test test test test test test test junk")
      const read = yield* Deployment.read(Option.none(), 31_337n)
      const first = (nonce: number) =>
        Result.getOrThrow(Address.from(getCreateAddress({ from: account.address, nonce })))
      assert.deepStrictEqual(Deployment.addressOf(read, "TestToken", 31_337n), Result.succeed(first(0)))
      assert.deepStrictEqual(Deployment.addressOf(read, "Marketplace", 31_337n), Result.succeed(first(2)))
      assert.deepStrictEqual(Deployment.addressOf(read, "OfferMarket", 31_337n), Result.succeed(first(3)))
      const { message } = yield* Effect.flip(Deployment.read(Option.none(), 1n))
      assert.strictEqual(message, "No deployment on chain 1 is known; name a deployment file.")
    }).pipe(Effect.provide(files)),
  )
})
