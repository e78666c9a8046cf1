import { assert, describe, it } from "@effect/vitest"
import type { Candidate } from "../src/index.ts"
import { makeOffersSeen } from "../src/internal/offersSeen.ts"
import { start } from "./bed.ts"
import { aCandidate, aRecord, hostNumber } from "./samples.ts"

const { id } = aRecord(1)
const later = start + 600n

const made = ({ offer, offerId }: Candidate, blockNumber = 1n) =>
  ({ _tag: "StorageOffered", offer, offerId, blockNumber, logIndex: 0 }) as const

const opened = () => {
  const offers = makeOffersSeen()
  offers.expect(id)
  return { ...offers, prices: () => offers.of(id).map(({ offer }) => Number(offer.price)) }
}

describe("the offers that are kept", () => {
  it("are those of the others, too, however many one host makes", () => {
    const offers = opened()
    offers.add(made(aCandidate(1, 500n)), start)
    for (let price = 0n; price < 1000n; price++) offers.add(made(aCandidate(2, price)), start)
    assert.deepStrictEqual(offers.prices(), [500, 0, 1, 2, 3, 4, 5, 6, 7])
  })

  it("of one host are its 8 cheapest, the earliest of equals, in the order in which they were made", () => {
    const offers = opened()
    for (const price of [9n, 5n, 8n, 7n, 6n, 4n, 3n, 2n, 1n]) offers.add(made(aCandidate(1, price)), start)
    assert.deepStrictEqual(offers.prices(), [5, 8, 7, 6, 4, 3, 2, 1])
    offers.add(made(aCandidate(1, 8n, later + 1n)), start)
    assert.strictEqual(offers.of(id)[1]?.offer.expiry, later)
  })

  it("have not expired when they come, and those that expire later go first, however cheap", () => {
    const offers = opened()
    offers.add(made(aCandidate(1, 0n, start)), start)
    assert.deepStrictEqual(offers.prices(), [])
    for (let price = 0n; price < 8n; price++) offers.add(made(aCandidate(1, price, start + 1n)), start)
    for (let price = 100n; price < 108n; price++) offers.add(made(aCandidate(1, price)), start + 1n)
    assert.deepStrictEqual(offers.prices(), [100, 101, 102, 103, 104, 105, 106, 107])
  })

  it("are of at most 256 hosts: the dearest goes, and before it one that has expired offers alone", () => {
    const offers = opened()
    const hosts = () => new Set(offers.of(id).map(({ offer }) => offer.host))
    offers.add(made(aCandidate(1, 0n, start + 1n)), start)
    for (let host = 2; host <= 256; host++) offers.add(made(aCandidate(host, BigInt(host))), start)
    offers.add(made(aCandidate(256, 1000n)), start)
    offers.add(made(aCandidate(257, 1000n)), start + 1n)
    assert.isFalse(hosts().has(hostNumber(1)))
    assert.isTrue(hosts().has(hostNumber(257)))
    offers.add(made(aCandidate(258, 999n)), start + 1n)
    assert.isFalse(hosts().has(hostNumber(257)))
    assert.isTrue(hosts().has(hostNumber(256)))
    offers.add(made(aCandidate(259, 0n)), start + 1n)
    offers.add(made(aCandidate(260, 0n)), start + 1n)
    assert.isFalse(hosts().has(hostNumber(256)))
    assert.strictEqual(hosts().size, 256)
  })
})
