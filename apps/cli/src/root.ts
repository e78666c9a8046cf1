import { Config } from "effect"
import { Command, Flag } from "effect/cli"

/** The flags that every command knows. */
export const pecia = Command.make("pecia").pipe(
  Command.withSharedFlags({
    api: Flag.String("api").pipe(
      Flag.withDescription("URL of the node's REST interface"),
      Flag.withFallbackConfig(Config.String("PECIA_API")),
      Flag.withDefault("http://127.0.0.1:8080"),
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false)),
  }),
  Command.withDescription("Buy storage, offer storage, and see how it goes"),
)
