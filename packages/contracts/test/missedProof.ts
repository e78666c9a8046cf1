import { Effect } from "effect"
import { AbiCoder, keccak256 } from "ethers"
import type { Ground } from "./Ground.ts"

/** The next whole period, and the first second after it. */
export const upcoming = ({ now }: Ground) =>
  Effect.map(now, (now) => ({ period: now / 10n + 1n, end: (now / 10n + 2n) * 10n }))

/**
 * Lets periods pass until one is over in which a proof was due, `delay` seconds ago, and gives the next block that time.
 * With `inDowntime`, until one is over in which the downtime kept the proof from being due.
 */
export const proofMissed = Effect.fnUntraced(function* (
  ground: Ground,
  id: string,
  { delay = 1n, inDowntime = false }: { delay?: bigint; inDowntime?: boolean } = {},
) {
  for (let tries = 0; tries < 100; tries++) {
    const { period, end } = yield* upcoming(ground)
    const start = BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [id, period])))
    const pointer = ((yield* ground.head).number + 1n + start) % 256n
    if (inDowntime ? pointer < 64n : pointer >= 64n && pointer < 250n) {
      yield* ground.at(end + delay)
      return period
    }
    yield* ground.goTo(end + delay)
  }
  return yield* Effect.die("the pointer never came by")
})
