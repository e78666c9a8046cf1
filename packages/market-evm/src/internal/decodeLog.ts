import { Option } from "effect"
import type { Result as Arguments, Interface } from "ethers"
import type { Log } from "../Log.ts"

/** Where an event stands on the chain. */
export interface Place {
  readonly blockNumber: bigint
  readonly logIndex: number
}

/** What the arguments of each event mean, by its name. */
export type EventReaders<Event> = Readonly<Record<string, (at: Place, args: Arguments) => Event>>

/** None: no event of the contract, or not as its ABI has it. */
export const decodeLog =
  <Event>(abi: Interface, readers: EventReaders<Event>) =>
  ({ blockNumber, logIndex, topics, data }: Log): Option.Option<Event> =>
    Option.liftThrowable(() => {
      const log = abi.parseLog({ topics, data })
      const read = log === null ? undefined : readers[log.name]
      return log === null || read === undefined ? null : read({ blockNumber, logIndex: Number(logIndex) }, log.args)
    })().pipe(Option.flatMap(Option.fromNullOr))
