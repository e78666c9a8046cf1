import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CannotListen } from "../src/index.ts"
import { cannotListen } from "../src/internal/listening.ts"
import { libp2pNode, listen } from "./beds.ts"

/** The message of a CannotListen, which is one line without anything of a stack. */
const sentence = (error: { readonly _tag: string; readonly message: string }) => {
  assert.strictEqual(error._tag, "CannotListen")
  assert.notMatch(error.message, /\n|file:|node:| at /)
  return error.message
}

const refusal = (addresses: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(libp2pNode({ listen: addresses })), sentence)

const tcpOnly = "nodes talk over TCP only; listen on an address such as /ip4/127.0.0.1/tcp/8070."

describe("A node that cannot listen", () => {
  it.effect("because the port is in use says which one, be it alone or among others", () =>
    Effect.gen(function* () {
      const [taken = ""] = (yield* libp2pNode()).exchange.addresses
      const expected = `Cannot listen on ${taken}: port ${taken.split("/")[4]} of 127.0.0.1 is in use; listen on another address.`
      assert.strictEqual(yield* refusal([taken]), expected)
      assert.strictEqual(yield* refusal([...listen, taken]), expected)
    }),
  )

  it.effect("because the address is another machine's says so", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusal(["/ip4/192.0.2.1/tcp/0"]),
        "Cannot listen on /ip4/192.0.2.1/tcp/0: this machine has no address 192.0.2.1; listen on one it has.",
      )
    }),
  )

  for (const address of ["/ip4/127.0.0.1/udp/9", "/ip4/127.0.0.1", "/ip4/127.0.0.1/tcp/0/ws", "/", ""]) {
    it.effect(`because "${address}" is not of TCP says so, though another address is`, () =>
      Effect.gen(function* () {
        const expected = `Cannot listen on ${address || '""'}: ${tcpOnly}`
        assert.strictEqual(yield* refusal([address]), expected)
        assert.strictEqual(yield* refusal([...listen, address]), expected)
      }),
    )
  }

  for (const address of ["localhost", "/ip4/127.0.0.1/tcp/99999", "/ip4/300.0.0.1/tcp/9"]) {
    it.effect(`because "${address}" is no multiaddress says what one looks like`, () =>
      Effect.gen(function* () {
        const message = yield* refusal([...listen, address])
        assert.isTrue(message.startsWith(`Cannot listen on ${address}: it is no multiaddress (`), message)
        assert.isTrue(message.endsWith("); one looks like /ip4/127.0.0.1/tcp/8070."), message)
      }),
    )
  }
})

describe("The causes of CannotListen", () => {
  const address = "/ip4/0.0.0.0/tcp/80"
  const system = (code: string) => Object.assign(new Error(`listen ${code}: it is so 0.0.0.0:80`), { code })
  const libp2p = (text: string) =>
    new Error(`Some failed:\n\n  ${address}: ${text}\n      at Server.listen (file:///x.js:1:1)\n`)
  const shapes: ReadonlyArray<(code: string) => unknown> = [
    system,
    (code) => Object.assign(new Error("no"), { code }),
    (code) => new Error("outer", { cause: new Error("middle", { cause: system(code) }) }),
    (code) => new AggregateError([new Error("first"), new Error("second", { cause: system(code) })]),
    (code) => libp2p(`Error: ${system(code).message}`),
    (code) => new AggregateError([libp2p(`Error: ${system(code).message}`)]),
  ]
  const told = (cause: unknown): CannotListen => {
    const error = cannotListen([address], cause)
    sentence(error)
    assert.deepStrictEqual(error.addresses, [address])
    return error
  }

  for (const [code, detail] of [
    ["EADDRINUSE", "port 80 of 0.0.0.0 is in use; listen on another address"],
    ["EACCES", "this user may not open port 80 of 0.0.0.0; listen on a port above 1023"],
    ["EADDRNOTAVAIL", "this machine has no address 0.0.0.0; listen on one it has"],
  ] as const) {
    it(`${code} is found however deep it is`, () => {
      for (const shape of shapes) assert.strictEqual(told(shape(code)).detail, detail)
    })
  }

  it("an address that no transport takes is found", () => {
    const text = "UnsupportedListenAddressError: No transport was configured to listen on this address"
    assert.strictEqual(told(libp2p(text)).message, `Cannot listen on ${address}: ${tcpOnly}`)
  })

  it("that are none of these are told by the first line of the innermost message", () => {
    const inner = new Error("the network is asleep.\n    at sleep (file:///bed.js:1:1)")
    assert.strictEqual(told(inner).detail, "the network is asleep")
    assert.strictEqual(told(new Error("outer", { cause: inner })).detail, "the network is asleep")
    assert.strictEqual(told(new AggregateError([inner, new Error("other")])).detail, "the network is asleep")
    assert.strictEqual(told("a text\nof two lines").detail, "a text")
    assert.strictEqual(told(new TypeError("")).detail, "TypeError")
    const unknownName = "getaddrinfo ENOTFOUND nope.invalid"
    assert.strictEqual(told(libp2p(`Error: ${unknownName}`)).detail, unknownName)
  })

  it("that go round in a circle end", () => {
    const circle = new Error("round")
    circle.cause = new Error("and round", { cause: circle })
    assert.include(told(circle).detail, "round")
  })
})
