import { assert, describe, it } from "@effect/vitest"
import { StorageAsk } from "@pecia/contracts-abi"
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
const Space = between(0, 4)

describe("three hosts that are killed and slashed at any time", () => {
  it.effect.prop(
    "end with all their space free, no slot left, their collateral withdrawn, and no token too many or too few",
    [Schema.Array(Step).pipe(Schema.check(Schema.isMaxLength(12))), Schema.Tuple([Space, Space, Space])],
    ([steps, spaces]) =>
      Effect.gen(function* () {
        const chain = yield* MemoryChain
        const client = yield* makeClient
        const before = yield* client.market.tokens(client.account)
        const hosts = yield* Effect.forEach(spaces, (slots) => makeHost({ slots: BigInt(slots) }))
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
            if (slot !== undefined) yield* chain.forciblyFreeSlot(slot)
          } else {
            const [host, run] = [hosts[step.host], runs[step.host]]
            if (host === undefined || run === undefined) continue
            run.life.dead = true
            runs[step.host] = yield* host.run()
          }
          yield* settle
        }

        // Every request expires, then ends; the client takes back what was not filled.
        for (let i = 1n; i <= 8n; i++) yield* passUntil(start + 1200n + i * 50n)
        let paid = 0n
        for (const { requestId, request } of requests) {
          const refunded = yield* Effect.isSuccess(client.market.withdrawFunds(requestId))
          if (!refunded) paid += StorageAsk.price(request.ask)
        }
        for (let i = 1n; i <= 8n; i++) yield* passUntil(start + 4000n + i * 60n)

        let earned = 0n
        for (const [index, host] of hosts.entries()) {
          const { sales } = runs[index] ?? (yield* Effect.die("no run"))
          assert.deepStrictEqual(yield* sales.slots, [])
          assert.deepStrictEqual(yield* host.market.mySlots, [])
          assert.strictEqual(yield* host.freeBytes, BigInt(spaces[index] ?? 0) * slotSize)
          assert.strictEqual(host.storage.stored.size, 0)
          yield* sales.withdrawCollateral
          earned += (yield* host.tokens) - 1000n
        }
        assert.strictEqual(before - (yield* client.market.tokens(client.account)), paid)
        assert.strictEqual(yield* client.market.tokens(chain.contract), paid - earned)
      }).pipe(Effect.provide(layerChain), Effect.scoped),
    { arbitrary: { runs: 60 } },
  )
})
