import { createHash } from "node:crypto"
import { MarketplaceConfig, MarketplaceOptions } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect } from "effect"
import { hexlify, MaxUint256 } from "ethers"
import { referenceConfig } from "../test/Bed.ts"
import { testDataset } from "../test/TestDataset.ts"
import { requestId, slotId, type TestRequest, vector } from "../test/TestRequest.ts"
import { genesis, makeMeter } from "./Meter.ts"
import { offers } from "./offerGas.ts"

const config = MarketplaceConfig.toAbi(referenceConfig)
const [periodSeconds, misses] = [10n, 30]

/** Bytes that nothing can compress or share, without the zeros that cost less. */
const bytes = (length: number, label: string) =>
  hexlify(
    createHash("shake256", { outputLength: length })
      .update(label)
      .digest()
      .map((byte) => byte || 0x5a),
  )

/** A market with money in all hands, and what is needed to trade on it. */
const openMarket = Effect.fnUntraced(function* (contract: "TestMarketplace" | "Marketplace") {
  const meter = yield* makeMeter
  const [client = "", host = "", other = "", third = "", marker = "", fourth = ""] = meter.accounts
  const token = yield* meter.create("TestToken")
  const choices =
    contract === "Marketplace"
      ? [(yield* meter.create("MerkleProofVerifier")).address, MarketplaceOptions.toAbi(MarketplaceOptions.standard)]
      : []
  const market = yield* meter.create(contract, token.address, config, ...choices)
  for (const account of [client, host, other, third, fourth]) {
    yield* token.send("", client, "mint", account, 10n ** 12n)
    yield* token.send("", account, "approve", market.address, MaxUint256)
  }

  /** A request that expires in an hour. */
  const newRequest = (
    number: number,
    { ask, content }: { ask?: Partial<TestRequest["ask"]>; content?: TestRequest["content"] } = {},
  ) => {
    const request: TestRequest = {
      client,
      ask: { ...vector.ask, proofProbability: 1n, ...ask },
      content: content ?? {
        ...vector.content,
        por: { u: bytes(480, `u${number}`), publicKey: bytes(96, `key${number}`), name: bytes(512, `name${number}`) },
      },
      expiry: meter.now() + 3600n,
      nonce: bytes(32, `nonce${number}`),
    }
    const id = requestId(request)
    return { request, id, slots: Array.from({ length: 12 }, (_, index) => slotId(id, BigInt(index))) }
  }
  return { ...meter, market, newRequest, client, host, other, third, marker, fourth }
})

/** What each transaction costs in the life of requests whose proofs nobody verifies, of 256 bytes each. */
const life = Effect.gen(function* () {
  const bed = yield* openMarket("TestMarketplace")
  const { client, fourth, host, market, marker, newRequest, other, third } = bed
  const proof = bytes(256, "proof")

  yield* market.send("deposit: first of the account", host, "deposit", 100)
  yield* market.send("deposit: first of another account", other, "deposit", 100)
  yield* market.send("deposit: again", other, "deposit", 100)
  for (const account of [third, fourth]) yield* market.send("", account, "deposit", 100)

  const a = newRequest(1)
  yield* market.send(
    "requestStorage: 1,088 bytes of parameters, first of the client",
    client,
    "requestStorage",
    a.request,
  )
  const b = newRequest(2)
  yield* market.send("requestStorage: 1,088 bytes of parameters, second", client, "requestStorage", b.request)
  const c = newRequest(3, { content: vector.content })
  yield* market.send("requestStorage: no parameters", client, "requestStorage", c.request)

  const fill = (label: string, from: string, { id }: { id: string }, index: number) =>
    market.send(label && `fillSlot: ${label}`, from, "fillSlot", id, index, proof)
  yield* fill("first of the request and of its host", host, a, 0)
  yield* fill("second, same host", host, a, 1)
  yield* fill("third, first of another host", other, a, 2)
  yield* fill("last, which starts the request", other, a, 3)
  yield* fill("", third, b, 0)
  yield* market.send("freeSlot: before the end", third, "freeSlot", b.slots[0])

  const [slot, ...otherSlots] = a.slots
  bed.goTo((bed.now() / periodSeconds + 2n) * periodSeconds)
  yield* market.send("submitProof: first of the slot", host, "submitProof", slot, proof)
  yield* market.send("submitProof: first of another slot", host, "submitProof", otherSlots[0], proof)
  bed.goTo((bed.now() / periodSeconds + 1n) * periodSeconds)
  yield* market.send("submitProof: again", host, "submitProof", slot, proof)

  /** Marks the next miss, as soon as there is one. */
  const miss = Effect.fnUntraced(function* (label: string) {
    while (true) {
      const period = bed.now() / periodSeconds + 1n
      bed.goTo((period + 1n) * periodSeconds)
      yield* bed.mine
      if (yield* market.wouldPass(marker, "markProofAsMissing", slot, period))
        return yield* market.send(label && `markProofAsMissing: ${label}`, marker, "markProofAsMissing", slot, period)
    }
  })
  const told = new Map([
    [1, "first of the slot"],
    [2, "second"],
    [3, "third, which slashes"],
    [6, "sixth, which slashes again"],
    [misses, "thirtieth, which slashes and frees the slot"],
  ])
  for (let missed = 1; missed <= misses; missed++) {
    const { logs } = yield* miss(told.get(missed) ?? "")
    if (market.announced(logs, "SlotFreed") !== (missed === misses))
      return yield* Effect.die(new Error(`the slot was not freed at miss ${misses}`))
  }
  yield* fill("again, after it was freed", third, a, 0)

  const d = newRequest(4, { ask: { slots: 12n } })
  yield* market.send("", client, "requestStorage", d.request)
  for (let index = 0; index < 11; index++) yield* fill("", fourth, d, index)
  yield* fill("last of twelve, all of one host", fourth, d, 11)

  if (bed.now() <= b.request.expiry) bed.goTo(b.request.expiry + 5n)
  yield* market.send("withdrawFunds: cancelled", client, "withdrawFunds", b.id)
  bed.goTo(BigInt(yield* market.view("requestEnd", a.id)) + 5n)
  yield* market.send("freeSlot: payout, first of the request", other, "freeSlot", a.slots[3])
  yield* market.send("freeSlot: payout, second, last slot of its host", other, "freeSlot", a.slots[2])
  yield* market.send("withdrawFunds: finished, with a refilled slot", client, "withdrawFunds", a.id)
  yield* market.send("withdraw", other, "withdraw")
  return bed.rows
})

/** The rows that have a limit. */
export const verifiedLabels = {
  fill: "fillSlot: 5 samples of 1 GiB verified",
  submit: "submitProof: 5 samples of 1 GiB verified",
}

/** A byte of which a slot consists; there is no zero in its proofs, which would cost less. */
const fullByte = 0x51

/** 1 GiB in each of four slots, with proofs that are the same for every challenge. */
const largeDataset = () => {
  const block = new Uint8Array(65_536).fill(fullByte)
  return testDataset(Array(4).fill(Array(16_384).fill(block)), 5)
}

/** The same with a verifier: 5 samples of a slot of 1 GiB, one of four. */
const verified = Effect.gen(function* () {
  const bed = yield* openMarket("Marketplace")
  const { client, host, market, newRequest } = bed
  const { content, proof, slotSize } = largeDataset()
  yield* market.send("", host, "deposit", 100)
  const { id, request, slots } = newRequest(1, { ask: { slotSize }, content })
  yield* market.send("requestStorage: with a verifier", client, "requestStorage", request)
  const slot = String(slots[2])
  const proofNow = Effect.map(market.view("getChallenge", slot), (challenge) => proof(2, slot, challenge))
  yield* market.send(verifiedLabels.fill, host, "fillSlot", id, 2, yield* proofNow)
  bed.goTo((bed.now() / periodSeconds + 2n) * periodSeconds)
  yield* market.send(verifiedLabels.submit, host, "submitProof", slot, yield* proofNow)
  return bed.rows
})

const on = (hardfork: string) => Devnet.layer({ timestamp: genesis, hardfork })

/**
 * What transactions cost under the rules of Cancun: in the life of requests, with a verifier, and by offers; and what those with
 * a verifier cost under the rules of Prague.
 */
export const measureGas = Effect.gen(function* () {
  const scenes = yield* Effect.forEach([life, verified, offers], (scene) => Effect.provide(scene, on("cancun")))
  const cancun = scenes.flat()
  const prague = (yield* Effect.provide(verified, on("prague")))
    .filter(({ label }) => Object.values(verifiedLabels).includes(label))
    .map((row) => ({ ...row, label: `${row.label}, on Prague rules` }))
  // a contract that both scenes create costs the same in both
  return [...new Map([...cancun, ...prague].map((row) => [row.label, row])).values()]
})
