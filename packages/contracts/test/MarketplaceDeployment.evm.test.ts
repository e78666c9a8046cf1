import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it, layer } from "@effect/vitest"
import { deploy, readArtifact, writeDeployment } from "@pecia/contracts"
import { Address, Deployment, MarketplaceOptions, zeroAddress } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect, Option, Redacted } from "effect"
import { Interface } from "ethers"
import { referenceConfig } from "./Bed.ts"
import { gateTo } from "./gate.ts"

const optionsFor = ({ accounts, url }: Devnet["Service"]) => ({
  url,
  privateKey: Redacted.make(accounts[0].privateKey),
  config: referenceConfig,
})

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "pecia-deployment-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
)

/** The views of a marketplace, by name. */
const viewsOf = Effect.fnUntraced(function* (to: string) {
  const { rpc } = yield* Devnet
  const contract = new Interface((yield* readArtifact("Marketplace")).abi)
  return Effect.fnUntraced(function* (method: string) {
    const answer = yield* rpc("eth_call", [{ to, data: contract.encodeFunctionData(method) }, "latest"])
    return contract.decodeFunctionResult(method, String(answer)).toArray(true)
  })
})

const codeOf = (address: unknown) =>
  Devnet.use(({ rpc }) => Effect.map(rpc("eth_getCode", [String(address), "latest"]), String))

layer(Devnet.layer())("deploy", (it) => {
  it.effect("creates a marketplace with its configuration and its token", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.mine(257)
      const deployment = yield* deploy(optionsFor(devnet))
      assert.strictEqual(deployment.chainId, devnet.chainId)
      const view = yield* viewsOf(deployment.marketplace)
      assert.deepStrictEqual(yield* view("config"), [
        [100n, 40n, 3n, 10n],
        [10n, 5n, 64n],
      ])
      assert.strictEqual(String((yield* view("token"))[0]).toLowerCase(), deployment.token)
      assert.deepStrictEqual(yield* view("options"), [[zeroAddress, 20n, false]])
      const before = `0x${(deployment.blockNumber - 1).toString(16)}`
      assert.strictEqual(yield* devnet.rpc("eth_getCode", [deployment.marketplace, before]), "0x")
    }),
  )

  it.effect("creates the test build on demand", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.mine(257)
      const real = yield* deploy(optionsFor(devnet))
      const test = yield* deploy({ ...optionsFor(devnet), contract: "TestMarketplace" })
      const selector = "bdc19bee"
      assert.include(yield* codeOf(test.marketplace), selector)
      assert.notInclude(yield* codeOf(real.marketplace), selector)
    }),
  )

  it.effect(
    "gives the marketplace a verifier, by default the one of Merkle proofs, and the options that it is told",
    () =>
      Effect.gen(function* () {
        const devnet = yield* Devnet
        yield* devnet.mine(257)
        const options = new MarketplaceOptions({
          treasury: Address.make(`0x${"7e".repeat(20)}`),
          markerPercentage: 100n,
          collateralPerSlot: true,
        })
        const codes: Array<string> = []
        for (const verifier of [undefined, "MerkleProofVerifier", "TestVerifier"] as const) {
          const deployed = yield* deploy({ ...optionsFor(devnet), options, ...(verifier && { verifier }) })
          const view = yield* viewsOf(deployed.marketplace)
          const [[treasury, ...rest]] = yield* view("options")
          assert.deepStrictEqual([String(treasury).toLowerCase(), ...rest], [options.treasury, 100n, true])
          codes.push(yield* codeOf((yield* view("verifier"))[0]))
        }
        const [byDefault, merkle, test] = codes
        assert.strictEqual(byDefault, merkle)
        assert.notStrictEqual(merkle, test)
        assert.notInclude(codes, "0x")
      }),
  )

  it.effect(
    "says how many blocks are missing on a young chain, and works from the first block that is old enough",
    () =>
      Effect.gen(function* () {
        const devnet = yield* Devnet.make()
        yield* devnet.mine(255)
        const error = yield* Effect.flip(deploy(optionsFor(devnet)))
        assert.strictEqual(error._tag, "ChainTooShort")
        assert.match(error.message, /at block 255, .* Mine 1 more/)
        yield* devnet.mine(1)
        const { blockNumber } = yield* deploy(optionsFor(devnet))
        // the token and the verifier come first
        assert.strictEqual(blockNumber, 259)
      }),
  )

  it.effect("names the URL at which no chain answers", () =>
    Effect.gen(function* () {
      const url = "http://127.0.0.1:1"
      const error = yield* Effect.flip(deploy({ ...optionsFor(yield* Devnet), url }))
      assert.strictEqual(error._tag, "NoChain")
      assert.include(error.message, url)
    }),
  )

  it.effect("shows of a URL neither the login nor the path", () =>
    Effect.gen(function* () {
      const options = optionsFor(yield* Devnet)
      for (const url of ["http://user:secret@127.0.0.1:1/secret?key=secret", "ws://u:secret@127.0.0.1:1/", "secret"]) {
        const error = yield* Effect.flip(deploy({ ...options, url }))
        assert.strictEqual(error._tag, "NoChain")
        assert.notInclude(JSON.stringify(error) + error.message + error.stack, "secret")
        if (url !== "secret") assert.include(error.message, "127.0.0.1:1. ")
      }
    }),
  )

  it.effect("sends the login of a URL with every request, and does not show it when the node refuses", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.mine(257)
      const { url, logins } = yield* gateTo(devnet.url, "eth_sendRawTransaction")
      const error = yield* Effect.flip(deploy({ ...optionsFor(devnet), url: url.replace("//", "//us%40er:secret@") }))
      assert.strictEqual(error._tag, "ContractRefused")
      assert.match(error.message, /server response 403/)
      assert.notInclude(JSON.stringify(error) + error.message + error.stack, "secret")
      assert.deepStrictEqual([...logins], [`Basic ${Buffer.from("us@er:secret").toString("base64")}`])
    }),
  )

  it.effect("does not repeat a malformed private key", () =>
    Effect.gen(function* () {
      const privateKey = Redacted.make("0xsecret")
      const error = yield* Effect.flip(deploy({ ...optionsFor(yield* Devnet), privateKey }))
      assert.strictEqual(error._tag, "MalformedPrivateKey")
      assert.notInclude(JSON.stringify(error) + error.message + error.stack, "secret")
    }),
  )

  it.effect("names the account that cannot pay", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.mine(257)
      const error = yield* Effect.flip(
        deploy({ ...optionsFor(devnet), privateKey: Redacted.make(`0x${"77".repeat(32)}`) }),
      )
      assert.strictEqual(error._tag, "ContractRefused")
      assert.match(error.message, /TestToken from account 0xae72a48c.*: the account has too little ether/i)
    }),
  )
})

describe("deploy on a chain with a block time", () => {
  it.live("waits until the contracts are mined", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.mine(257)
      const deployment = yield* deploy(optionsFor(devnet))
      assert.notStrictEqual(yield* devnet.rpc("eth_getCode", [deployment.marketplace, "latest"]), "0x")
    }).pipe(Effect.provide(Devnet.layer({ blockTimeSeconds: 1 }))),
  )
})

describe("writeDeployment", () => {
  it.effect("writes what the deployment reader takes, where the devnet's default says", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet.make()
      yield* devnet.mine(257)
      const path = join(yield* temporaryFolder, "deployment.json")
      yield* writeDeployment(path, yield* deploy(optionsFor(devnet)))
      const { chainId, contracts } = yield* Effect.fromResult(Deployment.parse(readFileSync(path, "utf8"), path))
      const expected = yield* Effect.fromResult(Deployment.known(devnet.chainId))
      assert.deepStrictEqual([chainId, contracts], [expected.chainId, expected.contracts])
    }),
  )

  it.effect("names the path that it cannot write", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "missing", "deployment.json")
      const deployment = {
        chainId: 31_337n,
        marketplace: zeroAddress,
        offerMarket: Option.none(),
        token: zeroAddress,
        blockNumber: 258,
      }
      const error = yield* Effect.flip(writeDeployment(path, deployment))
      assert.strictEqual(error._tag, "DeploymentNotWritten")
      assert.include(error.message, path)
    }),
  )
})
