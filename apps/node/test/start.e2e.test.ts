import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { startPeciad, Testnet } from "@pecia/testnet"
import { Effect, Layer } from "effect"
import { afterAll } from "vitest"
import { layerTestnet } from "./market.ts"
import { runPeciad } from "./process.ts"

const directory = mkdtempSync(join(tmpdir(), "pecia-start-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const busyPort = Effect.acquireRelease(
  Effect.callback<{ readonly port: number; readonly server: Server }>((resume) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed({ port: typeof address === "object" && address !== null ? address.port : 0, server }))
    })
  }),
  ({ server }) => Effect.sync(() => server.close()),
)

let runs = 0
const freshData = () => `--data-dir=${join(directory, `data-${runs++}`)}`

const fileWith = (name: string, content: string, mode = 0o600) => {
  const path = join(directory, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

/** A start that ends at once, with what it said on stderr: one sentence, no stack. */
const refusal = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const defaults = [freshData(), "--api-port=0", "--listen=/ip4/127.0.0.1/tcp/0"]
  const named = args.map((arg) => arg.split("=")[0] ?? "")
  const { code, stdout, stderr } = yield* runPeciad([
    ...defaults.filter((flag) => !named.includes(flag.split("=")[0] ?? "")),
    ...args,
  ])
  assert.strictEqual(code, 1)
  assert.strictEqual(stdout, "")
  assert.notMatch(stderr, /\n\s+at /)
  return stderr
})

layer(layerTestnet(1n).pipe(Layer.provideMerge(NodeServices.layer)), {
  excludeTestServices: true,
  timeout: "60 seconds",
})("peciad that cannot start", (it) => {
  const options = Effect.map(Testnet, ({ accounts, deploymentFile, devnet }) => ({
    provider: `--eth-provider=${devnet.url}`,
    deployment: `--eth-deployment=${deploymentFile}`,
    key: `--eth-key-file=${accounts[0]?.keyFile}`,
    privateKey: accounts[0]?.privateKey ?? "",
  }))

  it.effect("says that no chain answers at the URL", () =>
    Effect.gen(function* () {
      const { deployment, key } = yield* options
      const said = yield* refusal("--eth-provider=http://127.0.0.1:1", deployment, key)
      assert.match(said, /The chain at http:\/\/127\.0\.0\.1:1 does not answer/)
    }),
  )

  it.effect("says that the deployment file is missing", () =>
    Effect.gen(function* () {
      const { key, provider } = yield* options
      assert.match(yield* refusal(provider, key, "--eth-deployment=/nowhere.json"), /\/nowhere\.json/)
    }),
  )

  it.effect("says that the deployment is for another chain", () =>
    Effect.gen(function* () {
      const { key, provider } = yield* options
      const address = `0x${"11".repeat(20)}`
      const file = fileWith("other.json", JSON.stringify({ chainId: 1, contracts: { Marketplace: { address } } }))
      assert.match(yield* refusal(provider, key, `--eth-deployment=${file}`), /chain/)
    }),
  )

  it.effect("says that no contract stands at the address", () =>
    Effect.gen(function* () {
      const { key, provider } = yield* options
      const address = `0x${"11".repeat(20)}`
      const file = fileWith("empty.json", JSON.stringify({ contracts: { Marketplace: { address } } }))
      assert.include(yield* refusal(provider, key, `--eth-deployment=${file}`), address)
    }),
  )

  it.effect("refuses a key file that others may read, and does not show the key", () =>
    Effect.gen(function* () {
      const { deployment, privateKey, provider } = yield* options
      const file = fileWith("open.key", privateKey, 0o644)
      const said = yield* refusal(provider, deployment, `--eth-key-file=${file}`)
      assert.include(said, `chmod 600 ${file}`)
      assert.notInclude(said, privateKey.slice(2))
    }),
  )

  it.effect("refuses a key that is none, and does not show it", () =>
    Effect.gen(function* () {
      const { deployment, provider } = yield* options
      const file = fileWith("bad.key", "0xsecret")
      const said = yield* refusal(provider, deployment, `--eth-key-file=${file}`)
      assert.include(said, "64 hex digits")
      assert.notInclude(said, "secret")
    }),
  )

  it.effect("asks for a key when there is none", () =>
    Effect.gen(function* () {
      const { deployment, provider } = yield* options
      assert.include(yield* refusal(provider, deployment), "--eth-key-file")
    }),
  )

  it.effect("says that the port is in use", () =>
    Effect.gen(function* () {
      const { deployment, key, provider } = yield* options
      const { port } = yield* busyPort
      assert.include(yield* refusal(provider, deployment, key, `--api-port=${port}`), `port ${port}`)
    }),
  )

  it.effect("says that another node uses the folder, and leaves that one alone", () =>
    Effect.gen(function* () {
      const testnet = yield* Testnet
      const { deployment, key, provider } = yield* options
      const [account] = testnet.accounts
      assert.isDefined(account)
      const running = yield* testnet.peciad(account, { name: "running", roles: ["client"] })
      const { repo } = yield* running.client.info()
      assert.include(yield* refusal(provider, deployment, key, `--data-dir=${repo}`), `uses the folder ${repo}`)
      assert.deepStrictEqual((yield* running.client.listData()).content, [])
    }),
  )

  it.effect("says that the folder is a file", () =>
    Effect.gen(function* () {
      const file = fileWith("no-folder", "")
      assert.include(yield* refusal("--roles=none", `--data-dir=${file}`), `The folder ${file} cannot be made or used`)
    }),
  )

  it.effect(
    "is no reason not to start that the deployment names no offer market: the node trades at fixed prices alone",
    () =>
      Effect.gen(function* () {
        const { accounts, deployment, devnet } = yield* Testnet
        const contracts = { Marketplace: { address: deployment.marketplace } }
        const node = yield* startPeciad({
          name: "fixed prices",
          dataDirectory: join(directory, "fixed-prices"),
          roles: ["client", "host", "validator"],
          chainUrl: devnet.url,
          deploymentFile: fileWith("fixed-prices.json", JSON.stringify({ contracts })),
          keyFile: accounts[0]?.keyFile ?? "",
        })
        assert.deepInclude((yield* node.client.info()).chain, { collateral: 0n, offerCollateral: null })
        assert.deepStrictEqual(yield* node.client.slots(), [])
        const refusals = [yield* Effect.flip(node.client.auctions()), yield* Effect.flip(node.client.bids())]
        for (const { message } of refusals) assert.match(message, /^There is no offer market here/)
      }),
  )
})
