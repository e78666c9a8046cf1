import { assert, layer } from "@effect/vitest"
import { ChainClock } from "@pecia/clock"
import { Address, MarketplaceOptions } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { ChainError, Market } from "@pecia/market"
import { Cause, Context, Effect, Fiber, Layer, Logger, Redacted, References } from "effect"
import { BlockReader, Chain, MarketEvm, type MarketEvmOptions, TransactionQueue } from "../src/index.ts"
import { pollingInterval, TestDeployment } from "./AnvilBed.ts"
import { deadUrl } from "./HttpNode.ts"
import { offer, refusedOffer, start } from "./Scene.ts"

const nobody = Address.make(`0x${"12".repeat(20)}`)

/** Options that work. */
const good = Effect.gen(function* () {
  const { chainId, marketplace, newKey, url } = yield* TestDeployment
  const options: MarketEvmOptions = { url, chainId, marketplace, privateKey: yield* newKey(0n), pollingInterval }
  return options
})

const build = (options: MarketEvmOptions) => Layer.build(MarketEvm.layer(options))

/** Why the layer cannot be built with options that differ from good ones. */
const refusal = Effect.fnUntraced(function* (wrong: Partial<MarketEvmOptions>) {
  const error = yield* Effect.flip(build({ ...(yield* good), ...wrong }))
  assert.instanceOf(error, ChainError)
  return error
})

layer(TestDeployment.layer, { excludeTestServices: true, timeout: "60 seconds" })("MarketEvm.layer", (it) => {
  it.effect("opens the market of the key's account", () =>
    Effect.gen(function* () {
      const options = yield* good
      const context = yield* build(options)
      const market = Context.get(context, Market)
      assert.strictEqual(market.account, Context.get(context, TransactionQueue).account)
      assert.strictEqual((yield* market.config).proofs.period, 10n)
      assert.deepStrictEqual(yield* market.options, MarketplaceOptions.standard)
      const withoutPrefix = Redacted.make(Redacted.value(options.privateKey).slice(2))
      const same = Context.get(yield* build({ ...options, privateKey: withoutPrefix }), Market)
      assert.strictEqual(same.account, market.account)
    }),
  )

  it.effect("says that there is no contract at the address", () =>
    Effect.gen(function* () {
      const { url } = yield* TestDeployment
      const error = yield* refusal({ marketplace: nobody })
      assert.isFalse(error.isRetryable)
      assert.strictEqual(
        error.message,
        `There is no contract at ${nobody} on the chain at ${url} (chain id 31337); deploy the marketplace there, or correct its address.`,
      )
    }),
  )

  it.effect("says that the contract at the address is another one", () =>
    Effect.gen(function* () {
      const { token, url } = yield* TestDeployment
      const error = yield* refusal({ marketplace: token })
      assert.isFalse(error.isRetryable)
      assert.strictEqual(
        error.message,
        `The contract at ${token} on the chain at ${url} is no marketplace of this version; correct its address.`,
      )
    }),
  )

  it.effect("says that the chain is another one", () =>
    Effect.gen(function* () {
      assert.include((yield* refusal({ chainId: 1n })).message, "has the id 31337, not 1;")
    }),
  )

  it.effect("says that no node answers", () =>
    Effect.gen(function* () {
      const url = yield* deadUrl
      const error = yield* refusal({ url })
      assert.isTrue(error.isRetryable)
      assert.include(error.message, `${url} does not answer (connection refused)`)
    }),
  )

  it.effect("says that the private key is none, without repeating it", () =>
    Effect.gen(function* () {
      for (const key of ["", "0x", "hunter2", `0x${"zz".repeat(32)}`, `0x${"ab".repeat(31)}`, `0x${"00".repeat(32)}`]) {
        const error = yield* refusal({ privateKey: Redacted.make(key) })
        assert.strictEqual(error.message, "The private key is not 32 bytes of hex.")
        if (key.length > 2) assert.notInclude(`${error.stack} ${Cause.pretty(Cause.fail(error))}`, key)
      }
    }),
  )

  it.effect("shows the private key to nobody: in no error, no log line and no service", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const options = yield* good
      const key = Redacted.value(options.privateKey).slice(2)
      const lines: Array<string> = []
      const logger = Logger.make((entry) => {
        lines.push(Logger.formatStructured.log(entry).toString(), JSON.stringify(Logger.formatStructured.log(entry)))
      })
      const seen = yield* Effect.gen(function* () {
        const context = yield* build(options)
        const market = Context.get(context, Market)
        yield* offer(market)
        const empty = yield* Effect.flip(refusedOffer(market))
        yield* devnet.rpc("anvil_setBalance", [market.account, "0x0"])
        const poor = yield* Effect.flip(offer(market))
        return [empty, poor].map((error) => `${error.stack} ${JSON.stringify(error)}`).concat(String(context))
      }).pipe(Effect.provide([Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Trace")]))
      assert.isAbove(lines.length, 0)
      for (const text of [...lines, ...seen]) assert.notInclude(text.toLowerCase(), key)
    }),
  )

  it.effect("closes while a transaction is in flight", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      yield* devnet.rpc("evm_setAutomine", [false])
      const options = yield* good
      const writing = yield* Effect.scoped(
        Effect.gen(function* () {
          const market = Context.get(yield* build(options), Market)
          const writing = yield* start(offer(market))
          const inPool = Effect.map(devnet.rpc("txpool_status"), (status) => Number(Object(status).pending) > 0)
          yield* Effect.repeat(inPool, { until: (is) => is })
          return writing
        }),
      )
      yield* Fiber.await(writing)
      yield* devnet.rpc("evm_setAutomine", [true])
      yield* devnet.mine()
    }),
  )
})

layer(TestDeployment.layer, { excludeTestServices: true, timeout: "60 seconds" })("MarketEvm.layerClock", (it) => {
  it.effect("tells the time of the newest block, and wakes with the block that reaches a time", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const chain = yield* build(yield* good)
      const blocks = Context.get(chain, BlockReader)
      const clock = Context.get(yield* Effect.provideContext(Layer.build(MarketEvm.layerClock), chain), ChainClock)
      const { timestamp } = Chain.head(yield* blocks.chain)
      assert.strictEqual(yield* clock.now, timestamp)
      const waiting = yield* start(clock.waitUntil(timestamp + 10_000n))
      yield* devnet.mine()
      yield* blocks.reach(Chain.head(yield* blocks.chain).number + 1n)
      assert.isUndefined(waiting.pollUnsafe())
      yield* devnet.setNextBlockTimestamp(timestamp + 10_000n)
      yield* devnet.mine()
      yield* Fiber.join(waiting)
      assert.strictEqual(yield* clock.now, timestamp + 10_000n)
    }),
  )

  it.effect("when a write has succeeded, the clock knows its block", () =>
    Effect.gen(function* () {
      const devnet = yield* Devnet
      const chain = yield* build({ ...(yield* good), pollingInterval: "1 hour" })
      const market = Context.get(chain, Market)
      const { timestamp } = Chain.head(yield* Context.get(chain, BlockReader).chain)
      yield* devnet.setNextBlockTimestamp(timestamp + 777n)
      yield* offer(market)
      assert.strictEqual(Chain.head(yield* Context.get(chain, BlockReader).chain).timestamp, timestamp + 777n)
    }),
  )
})
