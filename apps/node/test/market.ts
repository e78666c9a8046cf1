import { MarketplaceConfig, RequestId, slotId } from "@pecia/contracts-abi"
import { MarketEvm, OfferMarketEvm } from "@pecia/market-evm"
import { type Peciad, Testnet } from "@pecia/testnet"
import { Effect, Layer, Redacted, Schedule, Stream } from "effect"

/** Both markets, with periods of five seconds and a block each second; one account for each amount of tokens. */
export const layerTestnet = (...tokens: ReadonlyArray<bigint>) => {
  const config = new MarketplaceConfig({
    collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
    proofs: { period: 5n, timeout: 3n, downtime: 2n },
  })
  const market = Layer.unwrap(
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
  return market.pipe(Layer.provideMerge(Testnet.layer({ config, tokens, blockTimeSeconds: 1 })))
}

/** Looks again until it is so; the test's own time limit ends it. */
export const eventually = <E, R>(holds: Effect.Effect<boolean, E, R>) =>
  Effect.asVoid(Effect.repeat(holds, { schedule: Schedule.spaced("200 millis"), until: (so) => so }))

/** Space for slots of one block each. */
export const offerBlocks = ({ client }: Peciad, blocks: bigint, minPricePerBytePerSecond = 1n) =>
  client.createAvailability({
    payload: { totalSize: blocks * 65_536n, duration: 3_600n, minPricePerBytePerSecond, totalCollateral: 100n },
  })

/** Uploads two blocks and asks for three slots, one of them of parity. */
export const requestThreeSlots = Effect.fnUntraced(function* (
  { client }: Peciad,
  terms: { readonly duration: bigint; readonly expiry: bigint },
) {
  const file = new Uint8Array(2 * 65_536).map((_, index) => index % 251)
  const cid = yield* client.upload({ payload: Stream.make(file), headers: {} })
  const id = yield* client.requestStorage({
    params: { cid },
    payload: { ...terms, pricePerBytePerSecond: 1n, proofProbability: 1n, nodes: 3n, tolerance: 1n },
  })
  const requestId = RequestId.make(`0x${id}`)
  return { cid, requestId, slots: [0n, 1n, 2n].map((index) => slotId(requestId, index)) }
})

/** What three slots of one block cost. */
export const priceFor = (durationSeconds: bigint) => 3n * 65_536n * durationSeconds
