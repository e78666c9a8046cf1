import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { shown } from "../Bar.ts"
import { withNode } from "../NodeClient.ts"
import { print, table } from "../Output.ts"
import { pecia } from "../root.ts"
import { Seconds, Whole } from "../Units.ts"

export const request = Command.make(
  "request",
  {
    cid: Argument.String("cid").pipe(Argument.withDescription("CID of a dataset that is at the node")),
    duration: Flag.String("duration").pipe(Flag.withSchema(Seconds), Flag.withDescription("How long: 12h, 30d")),
    price: Flag.String("price").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Token base units per byte per second"),
    ),
    expiry: Flag.String("expiry").pipe(
      Flag.withSchema(Seconds),
      Flag.withDescription("How long to wait for hosts: 10m"),
    ),
    proofProbability: Flag.String("proof-probability").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("About one proof in so many periods (default 3)"),
      Flag.withDefault(3n),
    ),
    slots: Flag.String("slots").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Slots to spread the file over (default 3)"),
      Flag.withDefault(3n),
    ),
    tolerance: Flag.String("tolerance").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("How many of the slots can be lost (default 1)"),
      Flag.withDefault(1n),
    ),
  },
  Effect.fn(function* ({ cid, duration, price, expiry, proofProbability, slots, tolerance }) {
    const { api } = yield* pecia
    const payload = { duration, pricePerBytePerSecond: price, expiry, proofProbability, nodes: slots, tolerance }
    const id = yield* withNode(api, (node) =>
      shown("coding", node, cid, node.requestStorage({ params: { cid }, payload })),
    )
    yield* print({ id: `0x${id}` }, [`0x${id}`])
  }),
).pipe(Command.withDescription("Buy storage for a dataset and print the id of the purchase"))

const id = (what: string) => Argument.String("id").pipe(Argument.withDescription(`Id of a ${what}`), Argument.optional)

export const purchases = Command.make(
  "purchases",
  { id: id("purchase") },
  Effect.fn(function* ({ id }) {
    const { api } = yield* pecia
    const found = yield* withNode(api, (node) =>
      Option.match(id, {
        onSome: (id) => Effect.map(node.purchase({ params: { id } }), (one) => [one]),
        onNone: () =>
          Effect.flatMap(node.purchaseIds(), (ids) => Effect.forEach(ids, (id) => node.purchase({ params: { id } }))),
      }),
    )
    yield* print(
      Option.isSome(id) ? found[0] : found,
      table(
        ["ID", "STATE", "SLOTS", "CID", "NOTE"],
        found.map((one) => [
          one.requestId,
          one.state,
          `${one.request.ask.slots}`,
          one.request.content.cid,
          one.error ?? "",
        ]),
      ),
    )
  }),
).pipe(Command.withDescription("Show what was bought, or one purchase"))

export const slots = Command.make(
  "slots",
  { id: id("slot") },
  Effect.fn(function* ({ id }) {
    const { api } = yield* pecia
    const found = yield* withNode(api, (node) =>
      Option.match(id, {
        onSome: (id) => Effect.map(node.slot({ params: { id } }), (one) => [{ id, ...one }]),
        onNone: () =>
          Effect.flatMap(node.slots(), (all) =>
            Effect.forEach(all, ({ id }) => Effect.map(node.slot({ params: { id } }), (one) => ({ id, ...one }))),
          ),
      }),
    )
    yield* print(
      Option.isSome(id) ? found[0] : found,
      table(
        ["SLOT", "STATE", "REQUEST", "INDEX"],
        found.map((one) => [one.id, one.state, one.requestId, `${one.slotIndex}`]),
      ),
    )
  }),
).pipe(Command.withDescription("Show the slots that the node stores, or one of them"))
