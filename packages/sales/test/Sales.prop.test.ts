import { assert, describe, it } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect, Schema } from "effect"
import { layerChain, makeClient, makeHost, pass, passUntil, settle, slotSize, start } from "./bed.ts"

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** What happens to the market, one thing after the other. */
const Step = Schema.Union([
  Schema.Struct({ does: Schema.Literal("request"), slots: between(1, 4), expirySeconds: between(60, 300) }),
  Schema.Struct({ does: Schema.Literal("kill"), host: between(0, 2) }),
  Schema.Struct({ does: Schema.Literal("free"), host: between(0, 2) }),
  Schema.Struct({ does: Schema.Literal("pass"), seconds: between(1, 100) }),
])
const Three = <S extends Schema.Top>(schema: S) => Schema.Tuple([schema, schema, schema])

describe("three hosts that are killed and lose slots at any time", () => {
  it.effect.prop(
    "hold no slot that their collateral does not cover, and end with all space free and every token where it belongs",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMaxLength(12))), Three(between(0, 4)), Three(between(0, 450))],
    ([steps, spaces, tokens]) =>
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const client = yield* makeClient
        const before = yield* client.market.tokens(client.account)
        const hosts = yield* Effect.forEach(spaces, (slots, index) =>
          makeHost({ slots: BigInt(slots), tokens: BigInt(tokens[index] ?? 0) }),
        )
        for (const { storage } of hosts) storage.beforeStore = () => Effect.sleep("20 seconds")
        const runs = yield* Effect.forEach(hosts, (host) => host.run())
        const requests: Array<Effect.Success<ReturnType<typeof client.request>>> = []

        for (const step of steps) {
          if (step.does === "request") {
            const { now } = chain
            const expiry = (yield* now) + BigInt(step.expirySeconds)
            const slots = BigInt(step.slots)
            requests.push(yield* client.request({ ask: { slots, duration: 2000n, maxSlotLoss: slots }, expiry }))
          } else if (step.does === "pass") {
            yield* pass(BigInt(step.seconds))
          } else if (step.does === "free") {
            const [slot] = yield* hosts[step.host]?.market.mySlots ?? Effect.succeed([])
            // Of a request that is over, nothing is freed any more.
            if (slot !== undefined) yield* Effect.ignore(chain.forciblyFreeSlot(slot))
          } else {
            const [host, run] = [hosts[step.host], runs[step.host]]
            if (host === undefined || run === undefined) continue
            run.life.dead = true
            runs[step.host] = yield* host.run()
          }
          yield* settle
          for (const { market, collateral } of hosts) {
            assert.isAtLeast(Number(yield* collateral), (yield* market.mySlots).length * 100)
          }
        }

        // Every request expires, then ends; the client takes back what nobody earned, of some requests before their hosts are paid.
        const refunds = () =>
          Effect.forEach(requests, ({ requestId }) => Effect.ignore(client.market.withdrawFunds(requestId)))
        for (let i = 1n; i <= 8n; i++) yield* passUntil(start + 1200n + i * 50n)
        yield* refunds()
        for (let i = 1n; i <= 8n; i++) yield* passUntil(start + 4000n + i * 60n)
        yield* refunds()

        let earned = 0n
        for (const [index, host] of hosts.entries()) {
          const { sales } = runs[index] ?? (yield* Effect.die("no run"))
          assert.deepStrictEqual(yield* sales.slots, [])
          assert.deepStrictEqual(yield* host.market.mySlots, [])
          assert.strictEqual(yield* host.freeBytes, BigInt(spaces[index] ?? 0) * slotSize)
          assert.strictEqual(host.storage.stored.size, 0)
          yield* sales.withdrawCollateral
          earned += (yield* host.tokens) - BigInt(tokens[index] ?? 0)
        }
        assert.deepStrictEqual(yield* client.market.myRequests, [])
        assert.strictEqual(before - (yield* client.market.tokens(client.account)), earned)
        assert.strictEqual(yield* client.market.tokens(chain.contract), 0n)
      }).pipe(Effect.provide(layerChain), Effect.scoped),
    { arbitrary: { runs: 60 } },
  )
})
