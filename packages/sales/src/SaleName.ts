import { Schema } from "effect"
import { SaleOutcome } from "./SaleOutcome.ts"
import { SaleState } from "./SaleState.ts"

/** The names that REST shows. `SaleSlotReserving` is missing: this contract knows no reservation of slots. */
export const SaleName = Schema.Literals([
  "SaleUnknown",
  "SalePreparing",
  "SaleDownloading",
  "SaleInitialProving",
  "SaleFilling",
  "SaleFilled",
  "SaleProving",
  "SalePayout",
  "SaleFinished",
  "SaleCancelled",
  "SaleFailed",
  "SaleErrored",
  "SaleIgnored",
])
export type SaleName = typeof SaleName.Type

const named = (name: SaleName) => () => name

const outcomeName = ({ outcome }: { readonly outcome: SaleOutcome }): SaleName =>
  SaleOutcome.$match(outcome, {
    Finished: named("SaleFinished"),
    Cancelled: named("SaleCancelled"),
    Failed: named("SaleFailed"),
    Lost: named("SaleIgnored"),
    Ignored: named("SaleIgnored"),
    Errored: named("SaleErrored"),
  })

/** A slot that is left or cleared shows how its sale ends; a hosted one whether its request has started. */
export const restName = (state: SaleState): SaleName =>
  SaleState.$match(state, {
    Restoring: named("SaleUnknown"),
    Reserving: named("SalePreparing"),
    Downloading: named("SaleDownloading"),
    InitialProving: named("SaleInitialProving"),
    Filling: named("SaleFilling"),
    Hosting: ({ started }) => (started ? "SaleProving" : "SaleFilled"),
    Payout: named("SalePayout"),
    Leaving: outcomeName,
    Clearing: outcomeName,
    Ended: outcomeName,
  })
