import { Devnet } from "@pecia/devnet"
import { Context, Effect, Layer, type Scope } from "effect"
import { layerReaders, marketOpener, type TestDeployment } from "./AnvilBed.ts"
import { type Answer, askNode, type Call, httpNode } from "./HttpNode.ts"

/** Opens the markets of new accounts on readers of their own, through a node that stands before the devnet if one is named. */
export const openMarkets = Effect.fnUntraced(function* (url?: string) {
  const readers = yield* Layer.build(layerReaders(url))
  return yield* Effect.provideContext(
    marketOpener,
    Context.merge(yield* Effect.context<TestDeployment | Scope.Scope>(), readers),
  )
})

/** A node that asks the devnet for what the test does not answer itself. */
export const nodeBefore = Effect.fnUntraced(function* (
  answer: (
    call: Omit<Call, "id">,
    ask: (call: Omit<Call, "id">) => Promise<unknown>,
    request: Parameters<Answer>[1],
  ) => unknown,
) {
  const devnet = yield* Devnet
  return yield* httpNode((call, request) => answer(call, (call) => askNode(devnet.url, call), request))
})

/** A node whose pending state shows nothing of its pool. */
export const forgetfulNode = nodeBefore(({ method, params }, ask) => {
  if (method === "eth_estimateGas") return ask({ method, params: [params[0], "latest"] })
  if (method === "eth_getTransactionCount") return ask({ method, params: [params[0], "latest"] })
  return ask({ method, params })
})

/** From here to the end of the scope, transactions stay in the pool until the test mines a block. */
export const mineByHand = Effect.gen(function* () {
  const devnet = yield* Devnet
  yield* Effect.acquireRelease(devnet.rpc("evm_setAutomine", [false]), () =>
    Effect.orDie(Effect.andThen(devnet.rpc("evm_setAutomine", [true]), devnet.mine())),
  )
  const hashes = Effect.map(devnet.rpc("txpool_content"), (content) =>
    Object.values(Object(Object(content).pending)).flatMap((transactions) =>
      Object.values(Object(transactions)).map((transaction) => String(Object(transaction).hash)),
    ),
  )
  return {
    /** Waits until so many transactions are in the pool; answers their hashes. */
    pooled: (count: number) =>
      Effect.repeat(Effect.delay(hashes, "10 millis"), { until: ({ length }) => length === count }),
    mine: devnet.mine(),
    /** Runs an effect while a block is mined every 50 milliseconds. */
    mining: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.raceFirst(effect, Effect.forever(Effect.delay(devnet.mine(), "50 millis"))),
    /** The pool loses a transaction. */
    drop: (hash: string) => devnet.rpc("anvil_dropTransaction", [hash]),
  }
})
