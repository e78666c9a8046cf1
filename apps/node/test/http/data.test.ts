import { assert, describe, it } from "@effect/vitest"
import { BlockStoreError } from "@pecia/datasets"
import { Effect, Fiber, Stream } from "effect"
import type { MemoryNode } from "../MemoryNode.ts"
import { inWorld, settle, until, whileTimePasses } from "../MemoryWorld.ts"
import { ask, newNode, refuses } from "./Rest.ts"

const upload = (node: MemoryNode, body: Uint8Array, headers: Record<string, string> = {}) =>
  ask(node, { method: "POST", path: "/data", body, headers })

const fileOf = (bytes: number) => new Uint8Array(bytes).map((_, index) => (index * 7) % 251)
const stranger = "bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
const block = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

describe("POST /data, GET /data/{cid}", () => {
  it.effect.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])(
    "a file of %i bytes comes back as it was, with its length",
    (bytes) =>
      Effect.gen(function* () {
        const node = yield* newNode([])
        const file = fileOf(bytes)
        const { status, text: cid } = yield* upload(node, file)
        assert.strictEqual(status, 200)
        assert.match(cid, /^baf[a-z0-9]+$/)
        for (const path of [`/data/${cid}`, `/data/${cid}/network/stream`]) {
          const answer = yield* ask(node, { path })
          assert.strictEqual(answer.status, 200)
          assert.strictEqual(answer.headers.get("content-length"), `${bytes}`)
          assert.strictEqual(answer.headers.get("content-type"), "application/octet-stream")
          assert.isNull(answer.headers.get("content-disposition"))
          assert.deepStrictEqual(answer.bytes, file)
          const head = yield* ask(node, { method: "HEAD", path })
          assert.deepStrictEqual([...head.headers], [...answer.headers])
          assert.strictEqual(head.bytes.length, 0)
        }
      }).pipe(inWorld),
  )

  it.effect("the same file under the same name has the same CID, and is there once", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const cids = yield* Effect.forEach([1, 2], () => Effect.map(upload(node, fileOf(100_000)), ({ text }) => text))
      assert.strictEqual(cids[0], cids[1])
      assert.strictEqual(JSON.parse((yield* ask(node, { path: "/data" })).text).content.length, 1)
      assert.strictEqual((yield* node.ledger.space).usedBytes, 100_000n)
    }).pipe(inWorld),
  )

  it.effect("what is served cannot act in the node's name", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const page = new TextEncoder().encode("<script>fetch('/api/codex/v1/storage/request')</script>")
      const { text: cid } = yield* upload(node, page, { "content-type": "text/html" })
      const { headers } = yield* ask(node, { path: `/data/${cid}` })
      assert.strictEqual(headers.get("content-type"), "text/html")
      assert.strictEqual(headers.get("content-security-policy"), "sandbox")
      assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
    }).pipe(inWorld),
  )

  it.effect("lists datasets with their manifests", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      assert.strictEqual((yield* ask(node, { path: "/data" })).text, '{"content":[]}')
      const labels = { "content-type": "image/png", "content-disposition": 'attachment; filename="a.png"' }
      const { text: cid } = yield* upload(node, fileOf(70_000), labels)
      const { content } = JSON.parse((yield* ask(node, { path: "/data" })).text)
      const treeCid = content[0].manifest.treeCid
      assert.match(treeCid, /^baf/)
      const manifest = {
        treeCid,
        datasetSize: 70_000,
        blockSize: 65_536,
        protected: false,
        filename: "a.png",
        mimetype: "image/png",
      }
      assert.deepStrictEqual(content, [{ cid, manifest }])
      const fetched = yield* ask(node, { path: `/data/${cid}/network/manifest` })
      assert.deepStrictEqual(JSON.parse(fetched.text), { cid, manifest })
      assert.deepStrictEqual(JSON.parse((yield* ask(node, { path: "/space" })).text), {
        totalBlocks: 4,
        quotaMaxBytes: 4_194_304,
        quotaUsedBytes: 70_000,
        quotaReservedBytes: 0,
      })
    }).pipe(inWorld),
  )
})

describe("what cannot be stored", () => {
  it.effect("a file that is larger than the quota leaves nothing", () =>
    Effect.gen(function* () {
      const node = yield* newNode([], { quotaBytes: 131_072n })
      const call = { method: "POST", path: "/data", body: fileOf(131_073) }
      yield* refuses(node, call, 422, /^Not enough storage quota\. .* 0 bytes of the quota are left/)
      assert.strictEqual((yield* upload(node, fileOf(131_072))).status, 200)
      yield* refuses(node, { ...call, body: fileOf(1) }, 422, /^Not enough storage quota\. /)
    }).pipe(inWorld),
  )

  it.effect("an upload that breaks off leaves nothing", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const broken = Stream.make(fileOf(200_000)).pipe(Stream.concat(Stream.fail(new Error("the sender is gone"))))
      const body = yield* Stream.toReadableStreamEffect(broken)
      const response = yield* node.fetch("/data", { method: "POST", body, duplex: "half" })
      assert.strictEqual(response.status, 400)
      assert.strictEqual(
        yield* Effect.promise(() => response.text()),
        "The upload broke off before its end; nothing of it was kept.",
      )
      assert.deepStrictEqual(yield* node.store.volumes, [])
      assert.deepStrictEqual(yield* node.ledger.volumes, [])
    }).pipe(inWorld),
  )

  it.effect("an upload whose sender has gone leaves nothing", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const gone = new AbortController()
      const body = yield* Stream.toReadableStreamEffect(Stream.concat(Stream.make(fileOf(200_000)), Stream.never))
      yield* Effect.forkChild(node.fetch("/data", { method: "POST", body, duplex: "half", signal: gone.signal }), {
        startImmediately: true,
      })
      yield* until(
        "bytes have arrived",
        Effect.map(node.store.volumes, (volumes) => volumes.some(({ dataBytes }) => dataBytes > 0n)),
      )
      gone.abort()
      yield* settle
      assert.deepStrictEqual(yield* node.store.volumes, [])
      assert.deepStrictEqual(yield* node.ledger.volumes, [])
    }).pipe(inWorld),
  )

  it.effect("a disk that fails is our fault, said in one sentence", () =>
    Effect.gen(function* () {
      const broken = Effect.fail(new BlockStoreError({ operation: "write", cause: new Error("disk on fire") }))
      const node = yield* newNode([], { store: (works) => ({ ...works, put: () => broken }) })
      const call = { method: "POST", path: "/data", body: fileOf(10) }
      yield* refuses(node, call, 500, "The block store failed (write): disk on fire")
    }).pipe(inWorld),
  )

  it.effect("so is a defect, of which the log alone tells more", () =>
    Effect.gen(function* () {
      const node = yield* newNode([], { store: (works) => ({ ...works, put: () => Effect.die("a secret") }) })
      const call = { method: "POST", path: "/data", body: fileOf(10) }
      yield* refuses(node, call, 500, "The node could not answer because of a defect; its log has more.")
    }).pipe(inWorld),
  )
})

describe("what is not there is answered with its status and a sentence", () => {
  const incomplete = `Dataset ${stranger} is not complete at this node; other nodes are asked at /data/${stranger}/network.`
  it.effect.each<[method: string, path: string, status: number, sentence: string | RegExp]>([
    ["GET", "/data/foo", 400, 'Incorrect Cid: "foo" cannot be read as one.'],
    ["DELETE", "/data/foo", 400, 'Incorrect Cid: "foo" cannot be read as one.'],
    ["POST", "/data/foo/network", 400, 'Incorrect Cid: "foo" cannot be read as one.'],
    ["GET", "/data/foo/network/stream", 400, 'Incorrect Cid: "foo" cannot be read as one.'],
    ["GET", "/data/foo/network/manifest", 400, 'Incorrect Cid: "foo" cannot be read as one.'],
    ["GET", "/data/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", 400, /^Incorrect Cid: /],
    ["GET", `/data/${stranger}`, 404, incomplete],
    ["GET", `/data/${block}`, 404, /^Dataset .* is not complete at this node/],
    ["POST", `/data/${stranger}/network`, 404, /was not fetched: no peer is connected\.$/],
    ["GET", `/data/${stranger}/network/stream`, 404, /was not fetched: no peer is connected\.$/],
    ["GET", `/data/${stranger}/network/manifest`, 404, /was not fetched: no peer is connected\.$/],
    ["GET", `/data/${block}/network/manifest`, 422, /is not a manifest that can be used/],
  ])("%s %s", ([method, path, status, sentence]) =>
    Effect.gen(function* () {
      yield* whileTimePasses(refuses(yield* newNode([]), { method, path }, status, sentence))
    }).pipe(inWorld),
  )
})

describe("DELETE /data/{cid}", () => {
  it.effect("answers 204, whether it was there or not, and gives the space back", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const { text: cid } = yield* upload(node, fileOf(70_000))
      for (const path of [`/data/${cid}`, `/data/${cid}`, `/data/${stranger}`]) {
        const answer = yield* ask(node, { method: "DELETE", path })
        assert.deepStrictEqual({ status: answer.status, text: answer.text }, { status: 204, text: "" })
      }
      assert.deepStrictEqual(yield* node.ledger.volumes, [])
      assert.strictEqual((yield* ask(node, { path: `/data/${cid}` })).status, 404)
    }).pipe(inWorld),
  )
})

describe("data of other nodes", () => {
  const twoNodes = Effect.fnUntraced(function* (bytes = 3_000_000) {
    const [here, there] = [yield* newNode([]), yield* newNode([], { quotaBytes: BigInt(bytes) })]
    const addrs = there.exchange.addresses.map((address) => `addrs=${encodeURIComponent(address)}`).join("&")
    const answer = yield* ask(here, { path: `/connect/${there.exchange.peerId}?${addrs}` })
    assert.deepStrictEqual([answer.status, answer.text], [200, "Successfully connected to peer"])
    const labels = { "content-type": "text/csv", "content-disposition": 'attachment; filename="t.csv"' }
    const { text: cid } = yield* upload(there, fileOf(bytes), labels)
    return { here, there, cid }
  })

  it.effect("is streamed with the headers of the file, and nothing of it is kept", () =>
    Effect.gen(function* () {
      const { here, cid } = yield* twoNodes()
      const { headers, bytes } = yield* ask(here, { path: `/data/${cid}/network/stream` })
      assert.deepStrictEqual(bytes, fileOf(3_000_000))
      assert.strictEqual(headers.get("content-length"), "3000000")
      assert.strictEqual(headers.get("content-type"), "text/csv")
      assert.match(headers.get("content-disposition") ?? "", /t\.csv/)
      assert.deepStrictEqual(yield* here.store.volumes, [])
    }).pipe(inWorld),
  )

  it.effect("is fetched in the background, and then is here", () =>
    Effect.gen(function* () {
      const { here, cid } = yield* twoNodes()
      const { status, text } = yield* ask(here, { method: "POST", path: `/data/${cid}/network` })
      assert.strictEqual(status, 200)
      assert.strictEqual(JSON.parse(text).cid, cid)
      yield* until(
        "it is here",
        Effect.map(ask(here, { path: "/data" }), ({ text }) => text.includes(cid)),
      )
      assert.deepStrictEqual((yield* ask(here, { path: `/data/${cid}` })).bytes, fileOf(3_000_000))
    }).pipe(inWorld),
  )

  it.effect("does not end as if it were whole when the other node has lost a part of it", () =>
    Effect.gen(function* () {
      const { here, there, cid } = yield* twoNodes(20_000_000)
      const response = yield* here.fetch(`/data/${cid}/network/stream`)
      yield* there.client.deleteData({ params: { cid } })
      const read = Effect.tryPromise({
        try: () => response.arrayBuffer(),
        catch: (cause) => new Error("broken", { cause }),
      })
      assert.strictEqual((yield* Effect.flip(whileTimePasses(read))).message, "broken")
    }).pipe(inWorld),
  )
})

describe("?format=", () => {
  const carType = "application/vnd.ipld.car"

  it.effect("car gives an archive of a file, which another node takes, with its name", () =>
    Effect.gen(function* () {
      const [node, other] = [yield* newNode([]), yield* newNode([])]
      const labels = { "content-type": "text/csv", "content-disposition": 'attachment; filename="t.csv"' }
      const { text: cid } = yield* upload(node, fileOf(200_000), labels)
      for (const path of [`/data/${cid}?format=car`, `/data/${cid}/network/stream?format=car`]) {
        const car = yield* ask(node, { path })
        assert.strictEqual(car.headers.get("content-type"), carType)
        assert.strictEqual(car.headers.get("content-disposition"), `attachment; filename="${cid}.car"`)
        const taken = yield* upload(other, car.bytes, { "content-type": `${carType}; version=1` })
        assert.deepStrictEqual([taken.status, taken.text], [200, cid])
        const back = yield* ask(other, { path: `/data/${cid}?format=raw` })
        assert.deepStrictEqual(back.bytes, fileOf(200_000))
        assert.match(back.headers.get("content-disposition") ?? "", /t\.csv/)
        yield* ask(other, { method: "DELETE", path: `/data/${cid}` })
      }
    }).pipe(inWorld),
  )

  it.effect("raw gives one block, where the CID names one", () =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      const { text: cid } = yield* upload(node, fileOf(60_000))
      const { content } = JSON.parse((yield* ask(node, { path: "/data" })).text)
      const { treeCid } = content[0].manifest
      for (const path of [`/data/${treeCid}?format=raw`, `/data/${treeCid}/network/stream`]) {
        assert.deepStrictEqual((yield* ask(node, { path })).bytes, fileOf(60_000), cid)
      }
      yield* refuses(node, { path: `/data/${treeCid}?format=car` }, 422, /is not a manifest that can be used/)
    }).pipe(inWorld),
  )

  it.effect.each(["", "zip", "CAR"])("anything else, such as %j, is answered with 400", (format) =>
    Effect.gen(function* () {
      const node = yield* newNode([])
      for (const path of [`/data/${stranger}`, `/data/${stranger}/network/stream`])
        yield* refuses(
          node,
          { path: `${path}?format=${format}` },
          400,
          /^The query is not right at format: expected "raw" or "car"/,
        )
    }).pipe(inWorld),
  )

  it.effect("an archive that is none, or is cut off, leaves nothing", () =>
    Effect.gen(function* () {
      const [node, other] = [yield* newNode([]), yield* newNode([])]
      const { text: cid } = yield* upload(node, fileOf(200_000))
      const car = (yield* ask(node, { path: `/data/${cid}?format=car` })).bytes
      for (const body of [fileOf(1_000), car.slice(0, -1_000)]) {
        const call = { method: "POST", path: "/data", body, headers: { "content-type": carType } }
        yield* refuses(other, call, 422, /^This is not a CAR archive of one dataset: /)
      }
    }).pipe(inWorld),
  )
})

describe("GET /progress", () => {
  it.effect("tells how far a file is laid out over slots, and nothing of others where one is named", () =>
    Effect.gen(function* () {
      const node = yield* newNode(["client"], { tokens: 10n ** 12n })
      const { text: cid } = yield* upload(node, fileOf(1_200_000))
      const [all, none] = [
        yield* node.client.progress({ query: { subject: cid } }),
        yield* node.client.progress({ query: { subject: stranger } }),
      ]
      const told = yield* Effect.forkChild(
        Stream.runCollect(Stream.takeUntil(all, ({ doneBytes, totalBytes }) => doneBytes === totalBytes)),
      )
      const others = yield* Effect.forkChild(Stream.runHead(none), { startImmediately: true })
      const terms = { duration: 100, pricePerBytePerSecond: "1", proofProbability: "10", expiry: 50 }
      const request = yield* ask(node, { method: "POST", path: `/storage/request/${cid}`, body: terms })
      assert.strictEqual(request.status, 200)
      const of = { subject: cid, step: "lay", totalBytes: 1_200_000n }
      const steps = yield* Fiber.join(told)
      assert.deepStrictEqual(
        [steps.at(0), steps.at(-1)],
        [
          { ...of, doneBytes: 0n },
          { ...of, doneBytes: 1_200_000n },
        ],
      )
      assert.isAbove(steps.length, 2)
      assert.isUndefined(others.pollUnsafe())
    }).pipe(inWorld),
  )
})
