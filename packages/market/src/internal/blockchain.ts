import type { Address } from "@pecia/contracts-abi"
import { BigInt as BigInts, Clock, Deferred, Effect, Option, Result, Stream } from "effect"
import { ChainError, Reverted } from "../MarketError.ts"
import { type Books, noToken } from "./contract/books.ts"
import type { Call, Outcome, Place } from "./contract/call.ts"
import type { Deployed } from "./contract/construct.ts"
import { Revert } from "./contract/uint256.ts"

/** One block: its number and its time in unix seconds. */
export interface Block {
  readonly number: bigint
  readonly timestamp: bigint
}

/** A contract on the chain, with books of its own. */
export interface Contract<B extends Books, Log> {
  readonly address: Address
  readonly deployed: Deployed
  /** Runs a rule and mines a block with what it did; a rule that fails leaves nothing behind, not even a block. */
  readonly transact: Run<Call<B, Log>>
  /** Asks what the next transaction would see. */
  readonly view: Run<Call<B, Log>>
  /** What the contract tells from a block (default: the next one) on. Never ends. */
  readonly events: (fromBlock?: bigint) => Stream.Stream<Log & Place>
}

type Run<C> = <A, E>(
  name: string,
  sender: Address,
  rule: (call: C) => Outcome<A, E>,
) => Effect.Effect<A, E | ChainError>

/** Our contracts can be deployed above block 256 only, so that no challenge looks before the first block. */
const firstBlock = 257n

/** A chain with one token. Each call runs in one synchronous step, so nothing can come between its parts. */
export const makeBlockchain = (blockHash: (number: bigint) => bigint) =>
  Clock.clockWith((clock) =>
    Effect.sync(() => {
      let head: Block = { number: firstBlock, timestamp: secondsOf(clock) }
      let token = noToken
      /** How far the chain is ahead of the clock, in seconds; see `advanceTo`. */
      let ahead = 0n
      let grown = Deferred.makeUnsafe<void>()

      /** The block that a transaction sent now is mined in. */
      const next = (clock: Clock.Clock): Block => {
        const timestamp = BigInts.max(secondsOf(clock) + ahead, head.timestamp)
        return { number: head.number + 1n, timestamp }
      }

      const seal = (block: Block): void => {
        head = block
        const waiting = grown
        grown = Deferred.makeUnsafe<void>()
        Deferred.doneUnsafe(waiting, Effect.void)
      }

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

      /** Puts a contract on the chain, in a block that is there already. */
      const deploy = <B extends Books, Log>(address: Address, deployed: Deployed, noBooks: B): Contract<B, Log> => {
        let books = noBooks
        const log: Array<Log & Place> = []

        const running =
          (keep: (call: Call<B, Log>) => void): Run<Call<B, Log>> =>
          (name, sender, rule) =>
            Clock.clockWith((clock) =>
              Effect.suspend(() => {
                const block = next(clock)
                const call = { ...deployed, contract: address, blockHash, sender, block, token, books, logs: [] }
                const outcome = rule(call)
                if (Result.isSuccess(outcome)) {
                  keep(call)
                  return Effect.succeed(outcome.success)
                }
                const { failure } = outcome
                return Effect.fail(failure instanceof Revert ? reverted(name, failure) : failure)
              }),
            )

        return {
          address,
          deployed,
          transact: running((call) => {
            token = call.token
            books = call.books
            const { number: blockNumber } = call.block
            call.logs.forEach((event, logIndex) => void log.push({ ...event, blockNumber, logIndex }))
            seal(call.block)
          }),
          view: running(() => {}),
          events: (fromBlock) =>
            Stream.suspend(() => {
              const first = fromBlock ?? head.number + 1n
              const since = (cursor: number) => log.slice(cursor).filter(({ blockNumber }) => blockNumber >= first)
              return follow(0, (cursor) => [since(cursor), log.length])
            }),
        }
      }

      return {
        deploy,
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
      }
    }),
  )

const secondsOf = (clock: Clock.Clock): bigint => BigInt(Math.floor(clock.currentTimeMillisUnsafe() / 1000))

const reverted = (call: string, { detail }: Revert) => new ChainError({ reason: new Reverted({ call, detail }) })
