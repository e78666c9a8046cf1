import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { shown } from "../Bar.ts"
import { withNode } from "../NodeClient.ts"
import { print, table } from "../Output.ts"
import { pecia } from "../root.ts"
import { Seconds, Whole } from "../Units.ts"

export const auction = Command.make(
  "auction",
  {
    cid: Argument.String("cid").pipe(Argument.withDescription("CID of a dataset that is at the node")),
    duration: Flag.String("duration").pipe(Flag.withSchema(Seconds), Flag.withDescription("How long: 12h, 30d")),
    maxPrice: Flag.String("max-price").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Most token base units per byte per second"),
    ),
    expiry: Flag.String("expiry").pipe(
      Flag.withSchema(Seconds),
      Flag.withDescription("How long until a host has to be found and to have started, from 10s to 30d: 10m"),
    ),
    proofProbability: Flag.String("proof-probability").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("About one proof in so many periods (default 3)"),
      Flag.withDefault(3n),
    ),
    slots: Flag.String("slots").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("Slots to spread the file over, each with an auction of its own (default 3)"),
      Flag.withDefault(3n),
    ),
    tolerance: Flag.String("tolerance").pipe(
      Flag.withSchema(Whole),
      Flag.withDescription("How many of the slots can be lost (default 1, of a single slot 0)"),
      Flag.optional,
    ),
  },
  Effect.fn(function* ({ cid, duration, maxPrice, expiry, proofProbability, slots, tolerance }) {
    const { api } = yield* pecia
    const payload = {
      duration,
      expiry,
      proofProbability,
      maxPricePerBytePerSecond: maxPrice,
      nodes: slots,
      ...(Option.isSome(tolerance) ? { tolerance: tolerance.value } : {}),
    }
    const ids = yield* withNode(api, (node) =>
      shown("coding", node, cid, node.openAuctions({ params: { cid }, payload })),
    )
    yield* print({ ids }, ids)
  }),
).pipe(Command.withDescription("Ask hosts for offers to store a dataset, and print the id of the auction of each slot"))

const id = (what: string) => Argument.String("id").pipe(Argument.withDescription(`Id of ${what}`), Argument.optional)

export const auctions = Command.make(
  "auctions",
  { id: id("an auction") },
  Effect.fn(function* ({ id }) {
    const { api } = yield* pecia
    const found = yield* withNode(api, (node) =>
      Option.match(id, {
        onSome: (id) => Effect.map(node.auction({ params: { id } }), (one) => [one]),
        onNone: () => node.auctions(),
      }),
    )
    yield* print(
      Option.isSome(id) ? found[0] : found,
      table(
        ["ID", "STATE", "CID", "SLOT", "OFFERS", "MOST", "PRICE", "HOST", "NOTE"],
        found.map((one) => [
          one.requestId,
          one.state,
          one.dataset,
          `${one.slotIndex}`,
          one.offers === null ? "-" : `${one.offers}`,
          `${one.request.maxPrice}`,
          one.selected === null ? "-" : `${one.selected.price}`,
          one.selected?.host ?? "-",
          one.error ?? "",
        ]),
      ),
    )
  }),
).pipe(Command.withDescription("Show the auctions of the client, or one of them"))

export const bids = Command.make(
  "bids",
  { id: id("the request that was bid on") },
  Effect.fn(function* ({ id }) {
    const { api } = yield* pecia
    const found = yield* withNode(api, (node) =>
      Option.match(id, {
        onSome: (requestId) => Effect.map(node.bid({ params: { requestId } }), (one) => [one]),
        onNone: () => node.bids(),
      }),
    )
    yield* print(
      Option.isSome(id) ? found[0] : found,
      table(
        ["REQUEST", "STATE", "BYTES", "DURATION", "MOST", "PRICE", "NOTE"],
        found.map((one) => [
          one.requestId,
          one.state,
          `${one.request.size}`,
          `${one.request.duration}s`,
          `${one.request.maxPrice}`,
          one.offer === null ? "-" : `${one.offer.price}`,
          one.error ?? "",
        ]),
      ),
    )
  }),
).pipe(Command.withDescription("Show the bids of the host that go on, or the one on a request"))
