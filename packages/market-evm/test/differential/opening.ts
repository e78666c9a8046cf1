import { Step } from "./Step.ts"
import { accounts, type Terms } from "./Terms.ts"

/** A step that every contract of ours takes. */
export type Money = Extract<Step, { readonly _tag: "mint" | "approveFunds" | "deposit" }>

/** Unix seconds at which each sequence begins; a multiple of no period. */
export const beginning = 1_700_100_003n

/** What each account has when a sequence begins. The first one is rich; the third and the fourth may spend more than they have, the last one less. */
export const opening = ({ config: { collateral } }: Terms): ReadonlyArray<Money> =>
  [
    { minted: 2n ** 200n, approved: 2n ** 256n - 1n, deposited: 0n },
    { minted: 5_000n, approved: 5_000n, deposited: 2n * collateral.initialAmount },
    { minted: 3_000n, approved: 9_000n, deposited: 4n * collateral.initialAmount },
    { minted: 1_000n, approved: 5_000n, deposited: collateral.initialAmount },
    { minted: 150n, approved: 120n, deposited: 0n },
  ].flatMap<Money>(({ approved, deposited, minted }, who) =>
    accounts
      .slice(who, who + 1)
      .flatMap<Money>((to) => [
        Step.mint({ to, amount: minted }),
        Step.approveFunds({ who, amount: approved }),
        Step.deposit({ who, amount: deposited }),
      ]),
  )
