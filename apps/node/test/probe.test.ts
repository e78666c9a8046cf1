import { describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import { runMemoryNode } from "./MemoryNode.ts"
import { layerWorld, newAccount } from "./MemoryWorld.ts"

describe("probe", () => {
  it.effect("x", () =>
    Effect.gen(function* () {
      const chain = yield* MemoryChain
      yield* chain.advanceTo(1_700_000_000n)
      const account = yield* newAccount(1000n)
      const node = yield* runMemoryNode({ account, roles: ["client", "host"] })
      const none = yield* runMemoryNode({ account, roles: [] })
      const say = Effect.fnUntraced(function* (n: typeof node, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
        const init: RequestInit = { method, headers }
        if (body !== undefined) init.body = typeof body === "string" || body instanceof Uint8Array ? body as never : JSON.stringify(body)
        const r = yield* Effect.promise(() => n.fetch(path, init))
        const t = yield* Effect.promise(() => r.text())
        console.log(method, path.slice(0, 60), String(init.body ?? "").slice(0, 60), JSON.stringify(headers), "->", r.status, r.headers.get("content-type"), r.headers.get("content-length"), r.headers.get("content-disposition"), JSON.stringify(t.slice(0, 400)))
        return t
      })
      const ok = { totalSize: 65536, duration: 100, minPricePerBytePerSecond: "1", totalCollateral: "100" }
      const J = { "content-type": "application/json" }
      yield* say(node, "POST", "/sales/availability", ok)
      yield* say(node, "POST", "/sales/availability", ok, J)
      yield* say(node, "POST", "/sales/availability", ok, { "content-type": "application/x-www-form-urlencoded" })
      yield* say(node, "POST", "/sales/availability", ok, { "content-type": "application/octet-stream" })
      yield* say(node, "POST", "/sales/availability", "{", J)
      yield* say(node, "POST", "/sales/availability", "{")
      yield* say(node, "POST", "/sales/availability", "")
      yield* say(node, "POST", "/sales/availability", undefined)
      yield* say(node, "POST", "/sales/availability", "[]")
      yield* say(node, "POST", "/sales/availability", "null", J)
      yield* say(node, "POST", "/sales/availability", {})
      yield* say(node, "POST", "/sales/availability", {}, J)
      for (const bad of [-1, 1.5, "1.5", "-1", "abc", "", "0x", 1e300, 2 ** 53, 1e21, null, true, [], "9".repeat(78), "9".repeat(79), "0x" + "f".repeat(64), 0, "0x10000", " 65536", "065536", "1e5"]) {
        yield* say(node, "POST", "/sales/availability", { ...ok, totalSize: bad })
      }
      yield* say(node, "POST", "/sales/availability", { ...ok, minPricePerBytePerSecond: "f" })
      yield* say(node, "POST", "/sales/availability", { ...ok, minPricePerBytePerSecond: 0 })
      yield* say(node, "POST", "/sales/availability", { ...ok, totalCollateral: 0 })
      yield* say(node, "POST", "/sales/availability", { ...ok, duration: 0 })
      yield* say(node, "POST", "/sales/availability", { ...ok, enabled: "yes" })
      yield* say(node, "POST", "/sales/availability", { ...ok, until: -1 })
      yield* say(node, "POST", "/sales/availability", { ...ok, until: 5, extra: 7 })
      yield* say(node, "POST", "/sales/availability", { ...ok, totalSize: 99999999999 })
      yield* say(node, "GET", "/sales/availability")
      yield* say(node, "GET", "/sales/availability/zzz/reservations")
      yield* say(node, "GET", `/sales/availability/0x${"00".repeat(32)}/reservations`)
      yield* say(node, "GET", `/sales/availability/${"00".repeat(32)}/reservations`)
      yield* say(node, "GET", "/sales/slots")
      yield* say(node, "GET", "/sales/slots/xyz")
      yield* say(node, "GET", `/sales/slots/${"0".repeat(64)}`)
      yield* say(node, "GET", "/storage/purchases")
      yield* say(node, "GET", "/storage/purchases/zz")
      yield* say(node, "GET", "/storage/purchases/%ff")
      yield* say(node, "GET", `/storage/purchases/${"A".repeat(64)}`)
      for (const path of ["/sales/slots", `/sales/slots/${"0".repeat(64)}`, "/sales/availability", "/storage/purchases", `/storage/purchases/${"A".repeat(64)}`, "/space", "/data", "/debug/info"]) yield* say(none, "GET", path)
      yield* say(none, "POST", "/sales/availability", ok)
      yield* say(none, "POST", "/sales/availability", {})
      const cid = yield* say(node, "POST", "/data", new Uint8Array(200_000), { "content-type": "image/png", "content-disposition": 'attachment; filename="a b.png"' })
      yield* say(node, "GET", `/data/${cid}/network/manifest`)
      yield* say(node, "GET", `/data/${cid}/network/stream`)
      yield* say(node, "POST", `/data/${cid}/network`)
      yield* say(node, "HEAD", `/data/${cid}`)
      yield* say(node, "POST", "/data", undefined)
      yield* say(node, "POST", "/data", "")
      yield* say(node, "GET", "/data/foo")
      yield* say(node, "DELETE", "/data/foo")
      yield* say(node, "GET", "/data/zDvZRwzmAS85LQ9UjkgRKWxcmgWJTZ5FVsEqrCrpnMbXKS4F3ZRx")
      yield* say(node, "GET", "/data/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy")
      yield* say(node, "GET", "/data/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy/network/stream")
      yield* say(node, "POST", "/data/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy/network")
      yield* say(node, "DELETE", "/data/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy")
      yield* say(node, "GET", "/connect/abc")
      yield* say(node, "GET", "/connect/abc?addrs=foo")
      yield* say(node, "GET", "/connect/abc?addrs=foo&addrs=bar")
      yield* say(node, "GET", "/nothing")
      yield* say(node, "PUT", "/data")
      yield* say(node, "OPTIONS", "/data")
      for (const cd of ['attachment; filename="../../etc/passwd"', "attachment; filename=x", "attachment; filename*=UTF-8''%e2%82%ac.txt", 'attachment; filename="a%20b"', 'attachment; filename="say \\"hi\\".txt"', 'attachment; filename=""', "attachment", "filename", 'attachment; filename="a;b.txt"', `attachment; filename="${"x".repeat(2000)}"`, "attachment; filename*=UTF-8''%0d%0aX: y", "attachment; filename*=UTF-8''%ff", "attachment; filename*=iso-8859-1''%e9", 'attachment; filename="a.txt"; filename*=UTF-8\'\'b.txt', 'attachment; filename="na\u00efve.txt"']) {
        const c = yield* say(node, "POST", "/data", cd, { "content-disposition": cd })
        yield* say(node, "GET", `/data/${c}`)
        yield* say(node, "GET", `/data/${c}/network/manifest`)
      }
      for (const ct of ["plain/text", "foo", "text/plain;charset=UTF-8", "text/html; charset=utf-8", "", "*/*", "multipart/form-data; boundary=x", "application/json", "a/b\u00e9", "image/svg+xml", "TEXT/HTML"]) {
        const c = yield* say(node, "POST", "/data", new Uint8Array([1, ct.length]), { "content-type": ct })
        yield* say(node, "GET", `/data/${c}`)
      }
      const terms = { duration: 100, expiry: 50, pricePerBytePerSecond: "1", proofProbability: "1", collateralPerByte: "1", nodes: 3, tolerance: 1 }
      const rs = (p: object, h = {}) => say(node, "POST", `/storage/request/${cid}`, { ...terms, ...p }, h)
      yield* rs({})
      yield* rs({ expiry: 100 })
      yield* rs({ expiry: 0 })
      yield* rs({ duration: 0 })
      yield* rs({ proofProbability: 0 })
      yield* rs({ pricePerBytePerSecond: 0 })
      yield* rs({ collateralPerByte: 0 })
      yield* rs({ tolerance: 4 })
      yield* rs({ tolerance: 2 })
      yield* rs({ tolerance: 0 })
      yield* rs({ nodes: 0 })
      yield* rs({ nodes: 10000, tolerance: 1 })
      yield* rs({ nodes: 1000, tolerance: 1 })
      yield* rs({ duration: "9".repeat(78) })
      yield* rs({ proofProbability: "9".repeat(78) })
      yield* rs({ pricePerBytePerSecond: "9".repeat(78) })
      yield* rs({ duration: 3, expiry: 2 })
      yield* rs({ duration: -5 })
      yield* say(node, "POST", "/storage/request/foo", terms)
      yield* say(node, "POST", "/storage/request/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", terms)
      yield* say(node, "POST", "/storage/request/bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", terms)
      yield* say(none, "POST", `/storage/request/${cid}`, terms)
      yield* say(node, "GET", "/space")
      yield* say(node, "GET", "/data")
    }).pipe(Effect.scoped, Effect.provide(layerWorld)), 60000
  )
})
