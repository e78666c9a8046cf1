#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Exchange } from "@pecia/exchange"
import { Market, OfferMarket } from "@pecia/market"
import { Console, Effect, Layer, Logger, Option, Schema } from "effect"
import { CliError, Command } from "effect/cli"
import { HttpRouter, HttpServer } from "effect/http"
import manifest from "../package.json" with { type: "json" }
import { layerServer } from "./http/Server.ts"
import * as Node from "./Node.ts"
import { chainFlags, nodeConfig, nodeFlags } from "./NodeFlags.ts"

/** Why the node did not start, or had to stop: one sentence, and exit code 1. */
class Stopped extends Schema.TaggedError<Stopped>()("Stopped", { message: Schema.String }) {
  override readonly [CliError.userMessage] = this.message
}

const stopped = ({ message }: { readonly message: string }) => new Stopped({ message })

/** One line of JSON for whoever started the node: where it is reached. */
const announce = Effect.gen(function* () {
  const { address } = yield* HttpServer.HttpServer
  const { peerId, addresses } = yield* Exchange
  const api = `http://127.0.0.1:${"port" in address ? address.port : 0}`
  yield* Console.log(JSON.stringify({ api, peerId, addresses }))
})

const peciad = Command.make("peciad").pipe(
  Command.withSharedFlags({ ...nodeFlags, ...chainFlags }),
  Command.withHandler((flags) => {
    const config = nodeConfig(flags)
    return Layer.effectDiscard(announce).pipe(
      Layer.provide(HttpRouter.serve(Node.layerLive(config), { disableListenLog: true, disableLogger: true })),
      Layer.provide(layerServer(config.api.port)),
      Layer.launch,
      Effect.mapError(stopped),
    )
  }),
  Command.withDescription("A node of the storage marketplace: keeps data, buys storage, sells storage"),
)

/** Takes back what a contract holds of the account's collateral. What is locked there stays, and is answered with. */
const takeBack = Effect.fnUntraced(function* (place: string, market: Market["Service"] | OfferMarket["Service"]) {
  const { account } = market
  const amount = yield* market.collateral(account)
  if (amount === 0n) {
    yield* Console.log(`${account} has no collateral on the ${place}.`)
    return Option.none()
  }
  return yield* market.withdraw.pipe(
    Effect.andThen(
      Console.log(`${amount} tokens of collateral are back from the ${place} in the wallet of ${account}.`),
    ),
    Effect.as(Option.none<string>()),
    Effect.catchTag("AccountLocked", ({ message }) =>
      Effect.succeedSome(`${amount} tokens of collateral stay on the ${place}: ${message}`),
    ),
  )
})

const withdrawCollateral = Command.make(
  "withdraw-collateral",
  {},
  Effect.fn(function* () {
    const { chain } = nodeConfig(yield* peciad)
    yield* Effect.gen(function* () {
      const offerMarket = yield* Effect.serviceOption(OfferMarket)
      const locked = [
        yield* takeBack("marketplace", yield* Market),
        Option.isSome(offerMarket) ? yield* takeBack("offer market", offerMarket.value) : Option.none(),
      ].flatMap(Option.toArray)
      if (locked.length > 0) return yield* new Stopped({ message: locked.join(" ") })
    }).pipe(Effect.provide(Node.layerMarket(chain)))
  }, Effect.mapError(stopped)),
).pipe(Command.withDescription("Take the collateral back from each market on which the host keeps nothing"))

peciad.pipe(
  Command.withSubcommands([withdrawCollateral]),
  Command.run({ version: manifest.version }),
  Effect.provide(NodeServices.layer),
  Effect.provide(Layer.succeed(Logger.LogToStderr, true)),
  NodeRuntime.runMain,
)
