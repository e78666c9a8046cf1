import { BadRequest, Conflict, Internal, NotFound, Unavailable, Unprocessable } from "@pecia/api"
import { type MalformedId, RequestId, SlotId } from "@pecia/contracts-abi"
import { type Cid, parseCid } from "@pecia/datasets"
import { Effect, type Result } from "effect"

// What the node's errors become for those who call its REST interface. The sentence is always the error's own.

interface Sentence {
  readonly message: string
}

export const badRequest = ({ message }: Sentence) => new BadRequest({ message })
export const notFound = ({ message }: Sentence) => new NotFound({ message })
export const conflict = ({ message }: Sentence) => new Conflict({ message })
export const unprocessable = ({ message }: Sentence) => new Unprocessable({ message })
export const unavailable = ({ message }: Sentence) => new Unavailable({ message })

/** No room for what was to be kept. */
export const overQuota = ({ message }: Sentence) =>
  new Unprocessable({ message: `Not enough storage quota. ${message}` })

export const refuse = (message: string) => Effect.fail(new Unprocessable({ message }))

export const notClient = new Unavailable({ message: "This node is not a client; start it with --roles client." })
export const notHost = new Unavailable({ message: "This node is not a host; start it with --roles host." })
export const noOfferMarket = new Unavailable({
  message:
    "There is no offer market here: the node's deployment names none, so it trades at fixed prices alone; name a deployment that has one with --eth-deployment.",
})

/** What nobody outside can help: logged with its cause, answered with its sentence. */
export const internal = (error: Sentence) =>
  Effect.andThen(Effect.logError(error), Effect.fail(new Internal({ message: error.message })))

/** What can be wrong with a dataset that is to be laid out over slots. */
export const layoutErrors = (cid: Cid) => ({
  BlockNotFound: () =>
    Effect.fail(notFound({ message: `Dataset ${cid} is not complete at this node; upload it first.` })),
  BlockCorrupt: (error: Sentence) => Effect.fail(notFound(error)),
  InvalidManifest: (error: Sentence) => Effect.fail(unprocessable(error)),
  InvalidSlotLayout: (error: Sentence) => Effect.fail(unprocessable(error)),
  SpaceExhausted: (error: Sentence) => Effect.fail(overQuota(error)),
  BlockStoreError: internal,
  SpaceError: internal,
})

export const cidFrom = (text: string): Effect.Effect<Cid, BadRequest> =>
  Effect.mapError(Effect.fromResult(parseCid(text)), badRequest)

const idFrom =
  <A>(parse: (text: string) => Result.Result<A, MalformedId>) =>
  (text: string): Effect.Effect<A, BadRequest> =>
    Effect.mapError(Effect.fromResult(parse(text)), badRequest)

export const requestIdFrom = idFrom(RequestId.from)
export const slotIdFrom = idFrom(SlotId.from)
