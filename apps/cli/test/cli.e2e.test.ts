import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { type Peciad, Testnet } from "@pecia/testnet"
import { Context, Effect, Layer, Schedule, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { afterAll } from "vitest"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "pecia-cli-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const text = (stream: Stream.Stream<Uint8Array, unknown>) => Stream.mkString(Stream.decodeText(stream))

/** Runs `pecia` to its end. */
const pecia = Effect.fnUntraced(function* (args: ReadonlyArray<string>) {
  const child = yield* ChildProcess.make(process.execPath, ["--conditions=@pecia/source", main, ...args], {
    stdin: "ignore",
    extendEnv: true,
    env: { NO_COLOR: "1" },
  })
  const [stdout, stderr, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
    concurrency: "unbounded",
  })
  return { stdout, stderr, code: Number(code) }
}, Effect.scoped)

/**
 * A node that is both client and host, and has tokens for one purchase of three slots of a block for an hour, and what an auction takes before; and
 * another one that hosts, as nobody bids on his own requests.
 */
class Node extends Context.Service<Node, Peciad & { readonly host: Peciad }>()("test/Node") {
  static readonly layer = Layer.effect(
    Node,
    Effect.gen(function* () {
      const testnet = yield* Testnet
      const [account, another] = testnet.accounts
      if (account === undefined || another === undefined) return yield* Effect.die("the testnet has no two accounts")
      const node = yield* testnet.peciad(account, { name: "node", roles: ["client", "host"] })
      const host = yield* testnet.peciad(another, { name: "host", roles: ["host"] })
      return { ...node, host }
    }),
  ).pipe(
    Layer.provide(
      Testnet.layer({
        config: new MarketplaceConfig({
          collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
          proofs: { period: 10n, timeout: 5n, downtime: 2n },
        }),
        tokens: [3n * 65_536n * 3_600n + 65_536n * 60n, 100n],
      }),
    ),
  )
}

layer(Node.layer.pipe(Layer.provideMerge(NodeServices.layer)), { excludeTestServices: true, timeout: "60 seconds" })(
  "pecia",
  (it) => {
    const succeedAt = Effect.fnUntraced(function* (url: string, ...args: ReadonlyArray<string>) {
      const { code, stderr, stdout } = yield* pecia([...args, "--api", url])
      assert.strictEqual(code, 0, stderr)
      return stdout
    })
    const succeed = (...args: ReadonlyArray<string>) => Effect.flatMap(Node, ({ url }) => succeedAt(url, ...args))
    const refuse = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
      const { url } = yield* Node
      const { code, stderr } = yield* pecia([...args, "--api", url])
      assert.strictEqual(code, 1)
      assert.notMatch(stderr, /\n\s+at /)
      return stderr
    })
    const json = (text: string): unknown => JSON.parse(text)
    const file = join(directory, "two blocks ü.bin")
    writeFileSync(file, randomBytes(2 * 65_536))

    it.effect("uploads a file, lists it, downloads the same bytes, deletes it", () =>
      Effect.gen(function* () {
        const cid = (yield* succeed("upload", file)).trim()
        assert.match(cid, /^bafy/)
        assert.include(yield* succeed("files"), "two blocks ü.bin")
        const copy = join(directory, "copy")
        yield* succeed("download", cid, "--output", copy)
        assert.isTrue(readFileSync(copy).equals(readFileSync(file)))
        yield* succeed("delete", cid)
        assert.match(yield* refuse("download", cid), /peer/)
      }),
    )

    it.effect("offers space and lists it, in JSON too", () =>
      Effect.gen(function* () {
        yield* succeed(
          "space",
          "offer",
          "--size",
          "64KiB",
          "--duration",
          "1h",
          "--min-price",
          "1",
          "--collateral",
          "100",
        )
        const list = json(yield* succeed("space", "list", "--json"))
        assert.deepInclude(Array.isArray(list) ? list[0] : {}, {
          totalSize: "65536",
          freeSize: "65536",
          duration: "3600",
        })
      }),
    )

    it.effect("asks for offers and shows the auctions; a host shows its bids", () =>
      Effect.gen(function* () {
        const { client, host } = yield* Node
        const space = ["--size", "64KiB", "--duration", "1h", "--min-price", "1", "--collateral", "100"]
        yield* succeedAt(host.url, "space", "offer", ...space)
        const cid = yield* client.upload({ payload: Stream.make(randomBytes(1_000)), headers: {} })
        const terms = ["--duration", "1m", "--max-price", "1", "--expiry", "10m", "--slots", "1"]
        const id = (yield* succeed("auction", cid, ...terms)).trim()
        assert.match(id, /^0x[0-9a-f]{64}$/)
        const offered = Effect.map(client.auction({ params: { id } }), ({ offers }) => offers === 1)
        yield* Effect.repeat(offered, { schedule: Schedule.spaced("200 millis"), until: (so) => so })
        assert.match(yield* succeed("auctions"), new RegExp(`${id} +open +baf\\w+ +0 +1 +3932160 +- +-`))
        assert.match(yield* succeedAt(host.url, "bids"), new RegExp(`${id} +offered +65536 +60s +3932160 +3932160`))
        assert.deepInclude(json(yield* succeedAt(host.url, "bids", id, "--json")), { requestId: id, state: "offered" })
      }),
    )

    it.effect("buys storage and shows the purchase and the slots", () =>
      Effect.gen(function* () {
        const cid = (yield* succeed("upload", file)).trim()
        const terms = ["--duration", "1h", "--price", "1", "--expiry", "10m", "--slots", "3"]
        const id = (yield* succeed("request", cid, ...terms)).trim()
        assert.match(id, /^0x[0-9a-f]{64}$/)
        assert.include(yield* succeed("purchases"), id)
        assert.include(yield* succeed("purchases", id), id)
        assert.include(yield* succeed("slots"), "SLOT")
        assert.match(yield* refuse("request", cid, ...terms), /tokens/)
      }),
    )

    it.effect("shows how the node stands", () =>
      Effect.gen(function* () {
        const shown = yield* succeed("status")
        assert.match(shown, /roles\s+client, host/)
        assert.match(shown, /tokens .* on the offer market/)
        assert.deepInclude(json(yield* succeed("status", "--json")), { roles: ["client", "host"] })
      }),
    )

    it.effect("says in a sentence what is wrong with what it was given, and exits with 1", () =>
      Effect.gen(function* () {
        const zeros = `0x${"0".repeat(64)}`
        assert.include(yield* refuse("download", "nonsense"), "Incorrect Cid")
        assert.include(yield* refuse("purchases", "0x12"), "request id")
        assert.include(yield* refuse("purchases", zeros), "no purchase")
        assert.include(yield* refuse("auctions", zeros), "no auction")
        assert.include(yield* refuse("slots", zeros), "not a slot of this host")
        assert.include(yield* refuse("upload", join(directory, "missing")), "cannot be read")
        const offer = ["space", "offer", "--duration", "1h", "--min-price", "1", "--collateral", "100"]
        assert.include(yield* refuse(...offer, "--size", "100TB"), "quota")
        assert.include(yield* refuse(...offer, "--size", "12x"), "is not a size")
      }),
    )

    it.effect("says that no node answers", () =>
      Effect.gen(function* () {
        const { code, stderr } = yield* pecia(["status", "--api", "http://127.0.0.1:1"])
        assert.strictEqual(code, 1)
        assert.include(stderr, "No Pecia node answers at http://127.0.0.1:1")
      }),
    )
  },
)
