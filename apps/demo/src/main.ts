import { resolve } from "node:path"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { MarketEvm, OfferMarketEvm } from "@pecia/market-evm"
import { Testnet } from "@pecia/testnet"
import { Config, Console, Effect, Layer, Option, Redacted, References, Schema } from "effect"
import { CliError, Command, Flag } from "effect/cli"
import { Board } from "./Board.ts"
import { demo } from "./Demo.ts"
import { openDemoFile } from "./DemoFile.ts"
import * as Ledger from "./Ledger.ts"
import { offerDemo } from "./OfferDemo.ts"
import * as OfferLedger from "./OfferLedger.ts"
import { offerPlanFor, planFor, type Stage } from "./Plan.ts"

/** Why the demo failed, in a sentence; the exit code is 1. */
class DemoFailed extends Schema.TaggedError<DemoFailed>()("DemoFailed", { message: Schema.String }) {
  override readonly [CliError.userMessage] = this.message
}

/** The chain with its accounts, and the eyes of the audience on it. */
const layerStage = (stage: Stage) => {
  const observer = Layer.unwrap(
    Effect.map(Testnet, ({ deployment, devnet, offerMarket }) =>
      Layer.provideMerge(
        OfferMarketEvm.layerAccount({ offerMarket }),
        MarketEvm.layer({
          url: devnet.url,
          marketplace: deployment.marketplace,
          privateKey: Redacted.make(devnet.accounts[0].privateKey),
          pollingInterval: "250 millis",
        }),
      ),
    ),
  )
  const each = (count: number, tokens: bigint) => Array.from({ length: count }, () => tokens)
  const tokens = [stage.clientTokens, ...each(stage.hosts, stage.hostTokens), ...each(stage.validators, 0n)]
  const testnet = Testnet.layer({ config: stage.config, tokens, blockTimeSeconds: 1 })
  return MarketEvm.layerClock.pipe(Layer.provideMerge(observer), Layer.provideMerge(testnet))
}

interface Wishes {
  readonly file: Option.Option<string>
  readonly json: boolean
  readonly offers: boolean
}

/** Stores the file, to the end of the contract. */
const play = Effect.fnUntraced(function* ({ file, json, offers }: Wishes) {
  const calledFrom = yield* Config.String("PECIA_CWD").pipe(Config.withDefault("."))
  const demoFile = yield* openDemoFile(Option.map(file, (path) => resolve(calledFrom, path)))
  const board = Board.layer({
    terminal: !json && process.stdout.isTTY === true,
    output: json ? "stderr" : "stdout",
  })
  const on =
    (stage: Stage) =>
    <A, E, R>(performance: Effect.Effect<A, E, R>) =>
      performance.pipe(
        Effect.scoped,
        Effect.tapError(() => Effect.flatMap(Testnet, ({ lastWords }) => Effect.flatMap(lastWords, Console.error))),
        Effect.provide([board, layerStage(stage)]),
      )
  const bytes = BigInt(demoFile.bytes)
  if (offers) {
    const plan = offerPlanFor(bytes)
    return OfferLedger.report(yield* offerDemo(demoFile, plan).pipe(on(plan)))
  }
  const plan = planFor(bytes)
  return Ledger.report(yield* demo(demoFile, plan).pipe(on(plan)))
}, Effect.scoped)

const printJson = (value: unknown) => Console.log(JSON.stringify(value, null, 2))

const command = Command.make(
  "demo",
  {
    file: Flag.String("file").pipe(Flag.withDescription("The file to store; by default one is made"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print one JSON object on stdout"), Flag.withDefault(false)),
    offers: Flag.Boolean("offers").pipe(
      Flag.withDescription("Trade each slot of the file by auction"),
      Flag.withDefault(false),
    ),
  },
  Effect.fn(
    function* (wishes) {
      const { claims, json, lines } = yield* play(wishes).pipe(
        Effect.tapError(({ message }) => (wishes.json ? printJson({ ok: false, error: message }) : Effect.void)),
      )
      yield* wishes.json ? printJson(json) : Console.log(lines.join("\n"))
      const failures = claims.filter(({ holds }) => !holds)
      if (failures.length > 0)
        return yield* new DemoFailed({
          message: `Not as it should be: ${failures.map(({ claim }) => claim).join("; ")}.`,
        })
    },
    Effect.mapError(({ message }) => new DemoFailed({ message })),
  ),
).pipe(Command.withDescription("A whole storage marketplace on this machine, from a file to a finished contract"))

// A terminal that is closed ends the demo as Ctrl-C does.
process.on("SIGHUP", () => process.kill(process.pid, "SIGTERM"))

command.pipe(
  Command.run({ version: "0.0.0" }),
  Effect.provide(NodeServices.layer),
  // What the observer has to say of a chain that is being stopped is of no interest to the audience.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  NodeRuntime.runMain,
)
