import { assert, describe, it } from "@effect/vitest"
import { type ForgeReport, happenings } from "./Forge.ts"

/** Every Solidity test as a test of its own; and whether the random calls were worth making. */
export const forgeSuite = ({ tests, tally }: ForgeReport, { calls }: { readonly calls: number }) => {
  describe.each([...new Set(tests.map(({ contract }) => contract))])("forge: %s", (contract) => {
    for (const { sentence, complaint } of tests.filter((test) => test.contract === contract))
      it(sentence, () => assert.isUndefined(complaint))
  })

  describe("forge: the random calls", () => {
    it(`are ${calls} in all, half of them to a market of either kind`, () => {
      const campaigns = tests.filter((test) => test.calls > 0).map((test) => [test.contract, test.calls])
      assert.deepStrictEqual(campaigns, [
        ["LawsOfTheMarketplace", calls / 2],
        ["LawsOfTheTestMarketplace", calls / 2],
      ])
    })

    it("are mostly accepted, and often refused", () => {
      const share = tally.accepted / (tally.accepted + tally.refused)
      assert.isAbove(share, 0.5)
      assert.isBelow(share, 0.9)
    })

    it.each(happenings)("bring it about, many times, that a call, slot or request is %s", (happening) => {
      assert.isAbove(tally[happening], calls / 1000)
    })
  })
}
