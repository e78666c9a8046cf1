import { describe } from "@effect/vitest"
import { booking } from "./internal/booking.ts"
import { caching } from "./internal/caching.ts"
import type { MakeLayer } from "./internal/fixtures.ts"
import { offering } from "./internal/offering.ts"
import { racing } from "./internal/racing.ts"
import { reserving } from "./internal/reserving.ts"

export type { MakeLayer } from "./internal/fixtures.ts"

/** What every implementation of `Reservations` has to pass. `layer` makes an empty ledger with the quotas it is given. */
export const suite = (name: string, layer: MakeLayer): void => {
  describe(name, () => {
    describe("offers", () => offering(layer))
    describe("reservations", () => reserving(layer))
    describe("volumes", () => booking(layer))
    describe("volumes that were let go of", () => caching(layer))
    describe("concurrency", () => racing(layer))
  })
}
