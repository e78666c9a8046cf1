import { assert, describe, it } from "@effect/vitest"
import { type ForgeReport, happeningsIn, type Kind } from "./Forge.ts"

const campaignsOf = {
  slots: ["LawsOfTheMarketplace", "LawsOfTheTestMarketplace"],
  offers: ["LawsOfTheOfferMarket", "LawsOfTheOfferMarketWithOptions"],
}

/** Every Solidity test as a test of its own; and whether the random calls were worth making. */
export const forgeSuite = ({ tests, tally }: ForgeReport, calls: Readonly<Record<Kind, number>>) => {
  describe.each([...new Set(tests.map(({ contract }) => contract))])("forge: %s", (contract) => {
    for (const { sentence, complaint } of tests.filter((test) => test.contract === contract))
      it(sentence, () => assert.isUndefined(complaint))
  })

  describe.each(["slots", "offers"] as const)("forge: the random calls to markets of %s", (kind) => {
    it(`are ${calls[kind]} in all, half of them to a market of either sort`, () => {
      const campaigns = tests.filter((test) => test.calls > 0 && campaignsOf[kind].includes(test.contract))
      assert.deepStrictEqual(
        campaigns.map((test) => [test.contract, test.calls]),
        campaignsOf[kind].map((contract) => [contract, calls[kind] / 2]),
      )
    })

    it("are mostly accepted, and often refused", () => {
      const { accepted, refused } = tally[kind]
      assert.isAbove(accepted / (accepted + refused), 0.5)
      assert.isBelow(accepted / (accepted + refused), 0.9)
    })

    it.each(happeningsIn[kind])(
      "bring it about, many times, that a call, slot, contract or request is %s",
      (happening) => {
        assert.isAbove(tally[kind][happening], calls[kind] / 1000)
      },
    )
  })
}
