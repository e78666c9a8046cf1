import { describe } from "@effect/vitest"
import { slotId } from "@pecia/contracts-abi"
import { Effect } from "effect"
import { InsufficientCollateral } from "../../MarketError.ts"
import { MarketBed } from "../MarketBed.ts"
import { failsWith, type It, newHost, newSpender, proof, submitted } from "../Scenario.ts"
import { slashedHasOwner } from "./Holes.ts"

/** What a market does that demands collateral per slot and has a treasury (section 6 of the contract interface, holes 3 and 4). */
export const withOptions = (it: It) =>
  describe("with options", () => {
    it.effect("hole 3, slashed collateral has an owner: who marks the miss, and the treasury", () => slashedHasOwner)

    it.effect("hole 4, collateral per slot: a host needs the initial amount for each slot that it holds", () =>
      Effect.gen(function* () {
        const { requestId } = yield* submitted({ slots: 4n })
        const host = yield* newHost
        const { account } = host
        const { initialAmount } = (yield* host.config).collateral
        const tooLittle = new InsufficientCollateral({ account })
        yield* host.fillSlot(requestId, 0n, proof)
        yield* failsWith(host.fillSlot(requestId, 1n, proof), tooLittle)
        const rich = yield* newSpender(2n * initialAmount)
        yield* rich.deposit(2n * initialAmount - 1n)
        yield* rich.fillSlot(requestId, 1n, proof)
        yield* failsWith(rich.fillSlot(requestId, 2n, proof), new InsufficientCollateral({ account: rich.account }))
        yield* rich.deposit(1n)
        yield* rich.fillSlot(requestId, 2n, proof)
        yield* failsWith(rich.fillSlot(requestId, 3n, proof), new InsufficientCollateral({ account: rich.account }))
      }),
    )

    it.effect("collateral is bound by the slots that a host holds, until it leaves them or is paid", () =>
      Effect.gen(function* () {
        const bed = yield* MarketBed
        const host = yield* newHost
        const { account } = host
        const first = yield* submitted()
        yield* host.fillSlot(first.requestId, 0n, proof)
        yield* host.freeSlot(slotId(first.requestId, 0n))
        yield* host.fillSlot(first.requestId, 1n, proof)
        yield* bed.advanceTo(first.request.expiry + 1n)
        const second = yield* submitted()
        yield* failsWith(host.fillSlot(second.requestId, 0n, proof), new InsufficientCollateral({ account }))
        yield* host.freeSlot(slotId(first.requestId, 1n))
        yield* host.fillSlot(second.requestId, 0n, proof)
      }),
    )
  })
