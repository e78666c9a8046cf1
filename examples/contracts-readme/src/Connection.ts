import { Address, Deployment } from "@pecia/contracts-abi"
import { OfferMarket } from "@pecia/market"
import { OfferMarketEvm } from "@pecia/market-evm"
import { Context, Effect, Layer, Option, Redacted, Schema } from "effect"

/** Asks the Ethereum node which accounts it has. */
export const listAccounts = Effect.fn("listAccounts")(function* (url: string) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_accounts", params: [] })
  const answer = yield* Effect.tryPromise((signal) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body, signal }).then((response) =>
      response.json(),
    ),
  )
  const { result } = yield* Schema.decodeUnknownEffect(Schema.Struct({ result: Schema.Array(Schema.String) }))(answer)
  return result.map((address) => Address.make(address.toLowerCase()))
})

/** The offer market of a deployment file, as one account sees it that signs with its key. */
export const connect = Effect.fn("connect")(function* (options: {
  readonly url: string
  readonly deploymentFile: string
  readonly chainId: bigint
  readonly privateKey: string
}) {
  const deployment = yield* Deployment.read(Option.some(options.deploymentFile), options.chainId)
  const offerMarket = yield* Effect.fromResult(Deployment.addressOf(deployment, "OfferMarket", options.chainId))
  const layer = OfferMarketEvm.layer({
    url: options.url,
    offerMarket,
    privateKey: Redacted.make(options.privateKey),
    pollingInterval: "50 millis",
  })
  return Context.get(yield* Layer.build(layer), OfferMarket)
})
