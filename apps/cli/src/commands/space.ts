import type { AvailabilityJson } from "@pecia/api"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { withNode } from "../NodeClient.ts"
import { print, table } from "../Output.ts"
import { pecia } from "../root.ts"
import { Seconds, Size, Whole } from "../Units.ts"

const rows = (availabilities: ReadonlyArray<AvailabilityJson>) =>
  table(
    ["ID", "TOTAL", "FREE", "LONGEST", "PRICE/BYTE/S", "COLLATERAL"],
    availabilities.map((one) => [
      one.id,
      `${one.totalSize}`,
      `${one.freeSize}`,
      `${one.duration}s`,
      `${one.minPricePerBytePerSecond}`,
      `${one.totalCollateral}`,
    ]),
  )

const offer = Command.make(
  "offer",
  {
    size: Flag.String("size").pipe(Flag.withSchema(Size), Flag.withDescription("Bytes to offer: 65536, 64KiB, 10GB")),
    duration: Flag.String("duration").pipe(
      Flag.withSchema(Seconds),
      Flag.withDescription("Longest contract: 12h, 30d"),
    ),
    minPrice: Flag.String("min-price").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Least price in token base units per byte per second"),
    ),
    collateral: Flag.String("collateral").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Most collateral for a slot, in token base units"),
    ),
  },
  Effect.fn(function* ({ size, duration, minPrice, collateral }) {
    const { api } = yield* pecia
    const made = yield* withNode(api, (node) =>
      node.createAvailability({
        payload: { totalSize: size, duration, minPricePerBytePerSecond: minPrice, totalCollateral: collateral },
      }),
    )
    yield* print(made, rows([made]))
  }),
).pipe(Command.withDescription("Put space on the market"))

const list = Command.make(
  "list",
  {},
  Effect.fn(function* () {
    const { api } = yield* pecia
    const all = yield* withNode(api, (node) => node.availabilities())
    yield* print(all, rows(all))
  }),
).pipe(Command.withDescription("List what is on offer"))

export const space = Command.make("space").pipe(
  Command.withDescription("The space of a host"),
  Command.withSubcommands([offer, list]),
)
