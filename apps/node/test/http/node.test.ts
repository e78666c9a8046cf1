import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import { runMemoryNode } from "../MemoryNode.ts"
import { inWorld, newAccount } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

describe("GET /debug/info", () => {
  it.effect("tells who the node is, what it plays, and how its account stands", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["client", "host"], { tokens: 12n })
      const { status, text } = yield* ask(node, { path: "/debug/info" })
      assert.strictEqual(status, 200)
      const { chain, roles, table, ...info } = JSON.parse(text)
      const address = node.exchange.addresses[0]
      const self = { nodeId: node.exchange.peerId, peerId: node.exchange.peerId, record: "", address, seen: true }
      assert.deepStrictEqual(roles, ["client", "host"])
      assert.deepStrictEqual(table, { localNode: self, nodes: [] })
      assert.match(chain.account, /^0x[0-9a-f]{40}$/)
      assert.deepInclude(chain, { time: 1_700_000_000, tokens: "12", collateral: "0", offerCollateral: "0" })
      assert.deepInclude(info, {
        id: node.exchange.peerId,
        addrs: [address],
        repo: "/in-memory",
        announceAddresses: [address],
      })
      assert.hasAllKeys(info.codex, ["version", "revision", "contracts"])
    }).pipe(inWorld),
  )

  it.effect("tells the collateral on each market, and of the offer market only where there is one", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      const account = yield* newAccount(12n)
      const [both, one] = [
        yield* runMemoryNode({ account, roles: ["host"] }),
        yield* runMemoryNode({ account, roles: ["host"], offers: false }),
      ]
      yield* chain.offerMarket(account).approveFunds(5n)
      yield* chain.offerMarket(account).deposit(5n)
      assert.deepInclude((yield* both.client.info()).chain, { tokens: 7n, collateral: 0n, offerCollateral: 5n })
      assert.deepInclude((yield* one.client.info()).chain, { tokens: 7n, collateral: 0n, offerCollateral: null })
    }).pipe(inWorld),
  )

  it.effect("has no account where no role is played, and lists the peers", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* newNode([]), yield* newNode([])]
      yield* here.client.connect({
        params: { peerId: there.exchange.peerId },
        query: { addrs: [...there.exchange.addresses] },
      })
      const info = yield* here.client.info()
      assert.isNull(info.chain)
      assert.deepStrictEqual(info.roles, [])
      assert.deepStrictEqual(
        info.table.nodes.map(({ peerId }) => peerId),
        [there.exchange.peerId],
      )
    }).pipe(inWorld),
  )
})

describe("GET /connect/{peerId}", () => {
  it.effect("tries the addresses one after the other, whatever id they end in: the peer is the one in the path", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* newNode([]), yield* newNode([])]
      const { peerId, addresses } = there.exchange
      for (const address of [`${addresses[0]}`, `${addresses[0]}/p2p/${peerId}`, `${addresses[0]}/p2p/another`]) {
        const query = `addrs=${encodeURIComponent("/memory/nowhere")}&addrs=${encodeURIComponent(address)}`
        const answer = yield* ask(here, { path: `/connect/${peerId}?${query}` })
        assert.deepStrictEqual([answer.status, answer.text], [200, "Successfully connected to peer"])
      }
    }).pipe(inWorld),
  )

  it.effect("says what is missing, and which peer cannot be reached", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const missing = "Unable to find Peer! Name at least one of its multiaddresses with ?addrs="
      yield* refuses(node, { path: "/connect/somebody" }, 400, missing)
      yield* refuses(node, { path: "/connect/somebody?" }, 400, missing)
      const sentence = "Peer nowhere/p2p/somebody cannot be reached: nobody listens there."
      yield* refuses(node, { path: "/connect/somebody?addrs=nowhere" }, 400, sentence)
    }).pipe(inWorld),
  )
})

describe("what is no route", () => {
  it.effect.each<[method: string, path: string]>([
    ["GET", "/nothing"],
    ["GET", ""],
    ["PUT", "/data"],
    ["DELETE", "/space"],
    ["POST", "/storage/purchases"],
    ["GET", "/data/%c3%28"],
    ["GET", `/data/${"x".repeat(200)}`],
  ])("%s %s is answered with 404 and where to look", ([method, path]) =>
    Effect.gen(function* () {
      const sentence = `There is no ${method} ${`/api/codex/v1${path}`.slice(0, 80)} here; /openapi.json lists what there is.`
      yield* refuses(yield* newNode([]), { method, path }, 404, sentence)
    }).pipe(inWorld),
  )

  it.effect("the list of the routes is the one that is published with the interface", () =>
    Effect.gen(function* () {
      const answer = yield* ask(yield* newNode([]), { path: "/../../../openapi.json" })
      const published = createRequire(import.meta.url).resolve("@pecia/api/package.json")
      assert.deepStrictEqual(
        JSON.parse(answer.text),
        JSON.parse(readFileSync(published.replace("package.json", "openapi.json"), "utf8")),
      )
    }).pipe(inWorld),
  )
})
