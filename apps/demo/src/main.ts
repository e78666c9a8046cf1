import { resolve } from "node:path"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { MarketEvm } from "@pecia/market-evm"
import { Testnet } from "@pecia/testnet"
import { Config, Console, Effect, Layer, Option, Redacted, References, Schema } from "effect"
import { CliError, Command, Flag } from "effect/cli"
import { Board } from "./Board.ts"
import { demo } from "./Demo.ts"
import { openDemoFile } from "./DemoFile.ts"
import { judge, toJson, toLines } from "./Ledger.ts"
import { type Plan, planFor } from "./Plan.ts"

/** Why the demo failed, in a sentence; the exit code is 1. */
class DemoFailed extends Schema.TaggedError<DemoFailed>()("DemoFailed", { message: Schema.String }) {
  override readonly [CliError.userMessage] = this.message
}

/** The chain with its accounts, and the eyes of the audience on it. */
const layerStage = (plan: Plan) => {
  const observer = Layer.unwrap(
    Effect.map(Testnet, ({ deployment, devnet }) =>
      MarketEvm.layer({
        url: devnet.url,
        marketplace: deployment.marketplace,
        privateKey: Redacted.make(devnet.accounts[0].privateKey),
        pollingInterval: "250 millis",
      }),
    ),
  )
  const tokens = [plan.clientTokens, ...Array.from({ length: plan.hosts }, () => plan.hostTokens)]
  const testnet = Testnet.layer({ config: plan.config, tokens, blockTimeSeconds: 1 })
  return MarketEvm.layerClock.pipe(Layer.provideMerge(observer), Layer.provideMerge(testnet))
}

/** Stores the file, to the end of the contract. */
const play = Effect.fnUntraced(function* (file: Option.Option<string>, json: boolean) {
  const calledFrom = yield* Config.String("PECIA_CWD").pipe(Config.withDefault("."))
  const demoFile = yield* openDemoFile(Option.map(file, (path) => resolve(calledFrom, path)))
  const plan = planFor(BigInt(demoFile.bytes))
  const board = Board.layer({
    terminal: !json && process.stdout.isTTY === true,
    output: json ? "stderr" : "stdout",
  })
  return yield* demo(demoFile, plan).pipe(
    Effect.scoped,
    Effect.tapError(() => Effect.flatMap(Testnet, ({ lastWords }) => Effect.flatMap(lastWords, Console.error))),
    Effect.provide([board, layerStage(plan)]),
  )
}, Effect.scoped)

const printJson = (value: unknown) => Console.log(JSON.stringify(value, null, 2))

const command = Command.make(
  "demo",
  {
    file: Flag.String("file").pipe(Flag.withDescription("The file to store; by default one is made"), Flag.optional),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print one JSON object on stdout"), Flag.withDefault(false)),
  },
  Effect.fn(
    function* ({ file, json }) {
      const outcome = yield* play(file, json).pipe(
        Effect.tapError(({ message }) => (json ? printJson({ ok: false, error: message }) : Effect.void)),
      )
      const failures = judge(outcome).filter(({ holds }) => !holds)
      yield* json ? printJson(toJson(outcome, failures.length === 0)) : Console.log(toLines(outcome).join("\n"))
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
