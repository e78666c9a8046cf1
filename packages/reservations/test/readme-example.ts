import { RequestId, SlotId } from "@pecia/contracts-abi"
import { Offer, Reservations, SlotDemand } from "@pecia/reservations"
import { Console, Effect } from "effect"

const terms = { totalBytes: 1_000_000n, durationSeconds: 86_400n, minPricePerBytePerSecond: 1n, totalCollateral: 100n }
const slotId = SlotId.make(`0x${"05".repeat(32)}`)
const where = { requestId: RequestId.make(`0x${"03".repeat(32)}`), slotIndex: 0n, slotId }
const needs = {
  sizeBytes: 65_536n,
  durationSeconds: 3600n,
  pricePerSecond: 70_000n,
  collateral: 100n,
  endSeconds: 1_800_000_000n,
}

const program = Effect.gen(function* () {
  const reservations = yield* Reservations
  yield* reservations.offer(new Offer({ ...terms, enabled: true, untilSeconds: 0n }))
  yield* reservations.reserve(new SlotDemand({ ...where, ...needs }))
  yield* reservations.write(slotId, 65_536n) // a block of the slot is on disk
  const { usedBytes, reservedBytes } = yield* reservations.space
  yield* Console.log(usedBytes, reservedBytes)
  yield* reservations.giveBack(slotId) // the sale has ended, however it ended
})

Effect.runPromise(Effect.provide(program, Reservations.layerMemory({ quotaBytes: 2_000_000n })))
