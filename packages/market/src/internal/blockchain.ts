import type { Address } from "@pecia/contracts-abi"
import { BigInt as BigInts, Clock, Deferred, Effect, Option, Result, Stream } from "effect"
import { ChainError, Reverted } from "../MarketError.ts"
import type { MarketEvent } from "../MarketEvent.ts"
import type { Call, Log, Outcome } from "./contract/call.ts"
import type { Deployed } from "./contract/construct.ts"
import { genesis } from "./contract/state.ts"
import { Revert } from "./contract/uint256.ts"

/** One block: its number and its time in unix seconds. */
export interface Block {
  readonly number: bigint
  readonly timestamp: bigint
}

/** The contract can be deployed above block 256 only, so that no challenge looks before the first block. */
const firstBlock = 257n

/** A chain that carries one contract. Each call runs in one synchronous step, so nothing can come between its parts. */
export const makeBlockchain = (deployed: Deployed, blockHash: (number: bigint) => bigint) =>
  Clock.clockWith((clock) =>
    Effect.sync(() => {
      let head: Block = { number: firstBlock, timestamp: secondsOf(clock) }
      let state = genesis
      /** How far the chain is ahead of the clock, in seconds; see `advanceTo`. */
      let ahead = 0n
      let grown = Deferred.makeUnsafe<void>()
      const log: Array<MarketEvent> = []

      /** The block that a transaction sent now is mined in. */
      const next = (clock: Clock.Clock): Block => {
        const timestamp = BigInts.max(secondsOf(clock) + ahead, head.timestamp)
        return { number: head.number + 1n, timestamp }
      }

      const seal = (block: Block, logs: ReadonlyArray<Log> = []): void => {
        head = block
        logs.forEach((event, logIndex) => void log.push({ ...event, blockNumber: block.number, logIndex }))
        const waiting = grown
        grown = Deferred.makeUnsafe<void>()
        Deferred.doneUnsafe(waiting, Effect.void)
      }

      const run = <A, E>(
        name: string,
        sender: Address,
        rule: (call: Call) => Outcome<A, E>,
        keep: (call: Call) => void,
      ): Effect.Effect<A, E | ChainError> =>
        Clock.clockWith((clock) =>
          Effect.suspend(() => {
            const call: Call = { ...deployed, blockHash, sender, block: next(clock), state, logs: [] }
            const outcome = rule(call)
            if (Result.isSuccess(outcome)) {
              keep(call)
              return Effect.succeed(outcome.success)
            }
            const { failure } = outcome
            return Effect.fail(failure instanceof Revert ? reverted(name, failure) : failure)
          }),
        )

      /** Runs a rule and mines a block with what it did; a rule that fails leaves nothing behind, not even a block. */
      const transact = <A, E>(name: string, sender: Address, rule: (call: Call) => Outcome<A, E>) =>
        run(name, sender, rule, (call) => {
          state = call.state
          seal(call.block, call.logs)
        })

      /** Asks what the next transaction would see. */
      const view = <A, E>(name: string, sender: Address, rule: (call: Call) => Outcome<A, E>) =>
        run(name, sender, rule, () => {})

      const withNext = <A>(use: (next: Block) => A): Effect.Effect<A> =>
        Clock.clockWith((clock) => Effect.sync(() => use(next(clock))))

      /** What `read` finds after a cursor, page by page; where it finds nothing, it is asked again when the chain has grown. */
      const follow = <A, Cursor>(start: Cursor, read: (cursor: Cursor) => readonly [ReadonlyArray<A>, Cursor]) => {
        const page = (cursor: Cursor): Effect.Effect<readonly [ReadonlyArray<A>, Option.Option<Cursor>]> =>
          Effect.suspend(() => {
            const [found, next] = read(cursor)
            if (found.length > 0) return Effect.succeed([found, Option.some(next)] as const)
            return Effect.andThen(Deferred.await(grown), page(next))
          })
        return Stream.paginate(start, page)
      }

      return {
        deployed,
        transact,
        view,
        head: Effect.sync(() => head),
        now: withNext(({ timestamp }) => timestamp),
        mine: (count: bigint) =>
          withNext(({ timestamp }) => {
            if (count > 0n) seal({ number: head.number + count, timestamp })
          }),
        advanceTo: (time: bigint) =>
          withNext(({ number, timestamp }) => {
            const jump = BigInts.max(time - timestamp, 0n)
            ahead += jump
            seal({ number, timestamp: timestamp + jump })
          }),
        blocks: follow(0n, (seen) => [head.number > seen ? [head] : [], head.number]),
        events: (fromBlock?: bigint) =>
          Stream.suspend(() => {
            const first = fromBlock ?? head.number + 1n
            return follow(0, (cursor) => [log.slice(cursor).filter((event) => event.blockNumber >= first), log.length])
          }),
      }
    }),
  )

export type Blockchain = Effect.Success<ReturnType<typeof makeBlockchain>>

const secondsOf = (clock: Clock.Clock): bigint => BigInt(Math.floor(clock.currentTimeMillisUnsafe() / 1000))

const reverted = (call: string, { detail }: Revert) => new ChainError({ reason: new Reverted({ call, detail }) })
