import { type Machine, runMachine } from "@pecia/machine"
import { Console, Effect } from "effect"

let litres = 0
const oneLitre = Effect.delay(
  Effect.sync(() => litres++),
  "1 second",
)

const tank: Machine<"filling" | "full", number, "pump", never> = {
  initial: "filling",
  decide: (_, level) => (level < 3 ? "filling" : "full"),
  work: (state) => (state === "filling" ? "pump" : undefined),
  hasEnded: (state) => state === "full",
  perform: () => Effect.forever(oneLitre).pipe(Effect.onInterrupt(() => Console.log("the pump stops"))),
  watch: (tell) => Effect.forever(Effect.delay(tell(Effect.sync(() => litres)), "1 second")),
  onEnter: (state) => Console.log(`the tank is ${state}`),
}

export const program = Effect.scoped(runMachine(tank))
