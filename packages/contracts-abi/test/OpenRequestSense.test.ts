import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import {
  Address,
  ContentHash,
  OpenRequestLimits as limits,
  MarketplaceConfig,
  Nonce,
  type OpenCircumstances,
  OpenRequest,
  OpenRequestFlaw,
} from "../src/index.ts"

const now = 1_700_000_000n
const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 64n },
})

const request = (changes: Partial<OpenRequest>) =>
  new OpenRequest({
    client: Address.make(`0x${"11".repeat(20)}`),
    duration: 3600n,
    size: 65_536n,
    contentHash: ContentHash.make(`0x${"44".repeat(32)}`),
    proofProbability: 4n,
    maxPrice: 84n,
    expiry: now + 600n,
    nonce: Nonce.make(`0x${"22".repeat(32)}`),
    ...changes,
  })

const flaws = (changes: Partial<OpenRequest>, circumstances: Partial<OpenCircumstances> = {}) =>
  OpenRequest.sense(request(changes), { now, config, ...circumstances }).map(({ flaw }) => flaw)

describe("OpenRequest.sense", () => {
  it("has nothing against a request that works", () => {
    assert.deepStrictEqual(flaws({}), [])
    assert.deepStrictEqual(flaws({}, { config: undefined }), [])
  })

  it.each([
    [{ size: 0n }, ["NoSize"]],
    [{ duration: 0n }, ["NoDuration"]],
    [{ duration: limits.duration }, []],
    [{ duration: limits.duration + 1n }, ["DurationTooLarge"]],
    [{ duration: 9n }, ["DurationTooShort"]],
    [{ duration: 10n }, []],
    [{ maxPrice: 0n }, ["NoPrice"]],
    [{ maxPrice: limits.maxPrice }, []],
    [{ maxPrice: limits.maxPrice + 1n }, ["PriceTooLarge"]],
    [{ proofProbability: 0n }, ["NoProofProbability"]],
    [{ proofProbability: limits.proofProbability }, []],
    [{ proofProbability: limits.proofProbability + 1n }, ["ProofProbabilityTooLarge"]],
    [{ expiry: now - 1n }, ["AlreadyExpired"]],
    [{ expiry: now }, ["AlreadyExpired"]],
    [{ expiry: now + 1n }, []],
    [{ expiry: limits.expiry }, []],
    [{ expiry: limits.expiry + 1n }, ["ExpiresTooLate"]],
    [{ size: 0n, duration: 0n, maxPrice: 0n, expiry: 0n }, ["NoSize", "NoDuration", "NoPrice", "AlreadyExpired"]],
  ])("%o: %j", (changes, expected) => {
    assert.deepStrictEqual(flaws(changes), expected)
  })

  it("looks at the period only when it knows it", () => {
    assert.deepStrictEqual(flaws({ duration: 9n }, { config: undefined }), [])
  })
})

it.effect.prop("any open request is judged, in sentences", [OpenRequest, OpenRequest.fields.expiry], ([request, now]) =>
  Effect.sync(() => {
    for (const flaw of OpenRequest.sense(request, { now, config })) {
      assert.isTrue(Schema.is(OpenRequestFlaw)(flaw))
      assert.match(flaw.message, /^[A-Z].*\.$/)
    }
  }),
)
