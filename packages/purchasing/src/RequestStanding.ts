import { Schema } from "effect"

/**
 * How a request stands on the chain: a `RequestState`, or what its client has to know besides.
 * Unknown: the chain does not know it. Collected: it was never complete, and a host collected its share of it after the expiry;
 * the contract calls that finished, and keeps the rest of the price (contract interface, section 3).
 */
export const RequestStanding = Schema.Literals([
  "Unknown",
  "New",
  "Started",
  "Cancelled",
  "Collected",
  "Finished",
  "Failed",
])
export type RequestStanding = typeof RequestStanding.Type
