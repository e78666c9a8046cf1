import { Devnet } from "@pecia/devnet"
import { Context, Effect, Layer } from "effect"
import { type GroundOptions, makeGround } from "./Ground.ts"
import { requestId, slotId, type TestRequest, vector } from "./TestRequest.ts"

export { gain, type Log, names, Reverted, reasonOf, referenceConfig } from "./Ground.ts"

/** Before the expiry of the vectors. */
export const genesis = 1_699_900_000n

const requestStates = ["New", "Started", "Cancelled", "Finished", "Failed"]
const slotStates = ["Free", "Filled", "Finished", "Failed", "Paid"]

export interface BedOptions extends GroundOptions {
  /** Collateral that the two hosts put up, in tokens. */
  readonly deposit?: bigint
}

/** A marketplace, by default a TestMarketplace, with two hosts and a client who have money. */
const make = Effect.fnUntraced(function* ({ contract = "TestMarketplace", deposit = 100n, ...choices }: BedOptions) {
  const ground = yield* makeGround({ contract, ...choices })
  const { block, client, host, otherHost } = ground
  const { callAs, count, send, view, ...market } = yield* ground.talkTo(contract, ground.marketplace)
  for (const account of [client, host, otherHost]) yield* ground.fund(account, 1_000_000_000n)
  for (const account of [host, otherHost]) yield* send(account, "deposit", deposit)

  /** A request of the client for an hour, which expires in ten minutes. */
  const newRequest = Effect.fnUntraced(function* (
    ask: Partial<TestRequest["ask"]> = {},
    rest: Partial<Pick<TestRequest, "client" | "content" | "expiry" | "nonce">> = {},
  ) {
    const { timestamp } = yield* block("latest")
    const request: TestRequest = {
      ...vector,
      client,
      expiry: timestamp + 600n,
      ...rest,
      ask: { ...vector.ask, duration: 3600n, ...ask },
    }
    const id = requestId(request)
    const [slot, ...others] = [slotId(id, 0n), slotId(id, 1n), slotId(id, 2n), slotId(id, 3n)] as const
    return { request, id, slot, slots: [slot, ...others] as const }
  })

  const requested = Effect.fnUntraced(function* (...args: Parameters<typeof newRequest>) {
    const made = yield* newRequest(...args)
    yield* send(made.request.client, "requestStorage", made.request)
    return made
  })

  const fill = (from: string, { id }: { readonly id: string }, slotIndex = 0n, proof = "0x01") =>
    send(from, "fillSlot", id, slotIndex, proof)

  /** A request whose slots are all kept by the host. */
  const started = Effect.fnUntraced(function* (...args: Parameters<typeof newRequest>) {
    const made = yield* requested(...args)
    for (let index = 0n; index < made.request.ask.slots; index++) yield* fill(host, made, index)
    return made
  })

  return {
    ...ground,
    ...market,
    count,
    send,
    view,
    /** Ids of a list of the caller's, for no more gas than nodes usually allow, in no stable order. */
    list: (from: string, method: "myRequests" | "mySlots") =>
      Effect.map(callAs(from, method, [], "latest", 30_000_000n), ([ids]) =>
        Array.isArray(ids) ? ids.map(String) : [],
      ),
    newRequest,
    requested,
    fill,
    started,
    hostOf: (slot: string) => Effect.map(view("getHost", slot), (host) => String(host).toLowerCase()),
    requestState: (id: string) => Effect.map(count("requestState", id), (state) => requestStates[Number(state)]),
    slotState: (id: string) => Effect.map(count("slotState", id), (state) => slotStates[Number(state)]),
  }
})

export class Bed extends Context.Service<Bed, Effect.Success<ReturnType<typeof make>>>()("test/Bed") {
  static readonly layer = (options: BedOptions = {}) =>
    Layer.effect(Bed, make(options)).pipe(Layer.provide(Devnet.layer({ timestamp: genesis })))
}

/** A request as the bed makes it, with its ids. */
export type Requested = Effect.Success<ReturnType<Bed["Service"]["newRequest"]>>

/** Runs a test on the bed and undoes all that it did there. */
export const onBed = (test: (bed: Bed["Service"]) => Effect.fn.Return<void, Error>) =>
  Bed.use((bed) => bed.devnet.isolated(Effect.gen(() => test(bed))))
