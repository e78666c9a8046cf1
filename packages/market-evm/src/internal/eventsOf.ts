import type { Address } from "@pecia/contracts-abi"
import { Array as Arr, Effect, type Option, Result, Stream } from "effect"
import type { Log } from "../Log.ts"
import type { LogReader, Reorganisation, Told } from "../LogReader.ts"

/** The events of a contract, out of its logs. `noun` is what people call it. */
export const eventsOf = <Event>(
  logs: LogReader["Service"],
  contract: Address,
  noun: string,
  read: (log: Log) => Option.Option<Event>,
) => {
  const eventIn = (told: Told): Result.Result<Event | Reorganisation, Log> =>
    told._tag === "ChainReorganised" ? Result.succeed(told) : Result.fromOption(read(told.log), () => told.log)
  const tell = ({ blockNumber, logIndex }: Log) =>
    Effect.logWarning(`Log ${logIndex} of block ${blockNumber} is no event of the ${noun}; it is left out.`)

  return (options?: { readonly fromBlock?: bigint }): Stream.Stream<Event | Reorganisation> =>
    logs.follow(contract, options).pipe(
      // all that came at once in one step: there can be thousands
      Stream.mapArrayEffect((told) => {
        const found = Arr.map(told, eventIn)
        return Effect.as(Effect.forEach(Arr.getFailures(found), tell, { discard: true }), found)
      }),
      Stream.filterMap((found) => found),
    )
}
