import { type Address, testTokenAbi } from "@pecia/contracts-abi"
import { Devnet } from "@pecia/devnet"
import { Effect, Option, Schema } from "effect"
import { Interface } from "ethers"
import { ChainRpc, Log, Receipt, type TransactionQueue, type Write } from "../../src/index.ts"
import { explain } from "../../src/internal/abi.ts"
import { quantity } from "../../src/internal/quantity.ts"

const token = new Interface(testTokenAbi)

/** More than any call takes. */
const gas = quantity(25_000_000n)

const LogOf = Schema.Struct({ ...Log.fields, address: Schema.String })
const decodeReceipt = Schema.decodeUnknownEffect(Schema.Struct({ ...Receipt.fields, logs: Schema.Array(LogOf) }))

/** The hashes of the blocks of a chain, as far as they were looked at. */
export type BlockHashes = Map<bigint, bigint>

/** A contract that is called, and how its logs are read. */
export interface Called<Event> {
  readonly contract: Address
  readonly token: Address
  readonly read: (log: Log) => Option.Option<Event>
}

/**
 * Anvil as a side of a duel: each transaction is sent when a call in its place has been answered, and mined before the next. Time has
 * to stand still on the chain.
 */
export const evmChain = Effect.fnUntraced(function* <Event>(
  { contract, read, token: money }: Called<Event>,
  accounts: ReadonlyArray<Address>,
  hashes: BlockHashes,
) {
  const devnet = yield* Devnet
  const rpc = yield* ChainRpc
  const heard: Array<Event> = []

  const told = (logs: ReadonlyArray<typeof LogOf.Type>) =>
    Effect.forEach(
      logs.filter(({ address }) => address === contract),
      (log) =>
        Option.match(read(log), {
          onNone: () => Effect.die(`Log ${log.logIndex} of block ${log.blockNumber} is no event of the contract.`),
          onSome: (event) => Effect.sync(() => heard.push(event)),
        }),
    )

  const queueOf = (account: Address): TransactionQueue["Service"] => {
    const send = Effect.fnUntraced(function* ({ data, name, to }: Write) {
      const call = { from: account, to, data }
      yield* rpc.call(call, "pending")
      const receipt = yield* Effect.orDie(
        Effect.flatMap(devnet.rpc("eth_sendTransactionSync", [{ ...call, gas }]), decodeReceipt),
      )
      if (receipt.status !== 1n) return yield* Effect.die(`${name} was refused, where its simulation was not.`)
      hashes.set(receipt.blockNumber, BigInt(receipt.blockHash))
      yield* told(receipt.logs)
      return receipt
    })
    return { account, send, sendAlone: (prepare) => Effect.flatMap(prepare, send) }
  }

  const [anybody] = accounts
  if (anybody === undefined) return yield* Effect.die("Nobody takes part.")
  /** Has the first account call any contract. */
  const tell = (name: string, to: Address, data: string) =>
    queueOf(anybody)
      .send({ name, to, data })
      .pipe(
        Effect.catchTag("CallReverted", (reverted) => Effect.fail(explain(name, reverted))),
        Effect.asVoid,
      )
  const number = Effect.map(rpc.block("latest"), (block) => Option.getOrThrow(block).number)
  const mine = Effect.fnUntraced(
    function* (count: bigint) {
      const before = yield* number
      yield* Effect.orDie(devnet.rpc("anvil_mine", [quantity(count)]))
      yield* readHashes(hashes, before + 1n, before + count)
    },
    Effect.provideService(ChainRpc, rpc),
  )

  return {
    queueOf,
    tell,
    chain: {
      contract,
      mint: (to: Address, amount: bigint) => tell("mint", money, token.encodeFunctionData("mint", [to, amount])),
      advanceTo: (time: bigint) => Effect.andThen(Effect.orDie(devnet.setNextBlockTimestamp(time)), mine(1n)),
      mine,
      head: Effect.map(rpc.block("latest"), (block) => {
        const { number, timestamp } = Option.getOrThrow(block)
        return { number, timestamp }
      }),
      news: Effect.sync((): ReadonlyArray<Event> => heard.splice(0)),
    },
  }
})

/** Looks the hashes of some blocks up, both ends included. */
export const readHashes = Effect.fnUntraced(function* (hashes: BlockHashes, first: bigint, last: bigint) {
  const rpc = yield* ChainRpc
  const numbers = Array.from({ length: Number(last - first + 1n) }, (_, i) => first + BigInt(i))
  const blocks = yield* Effect.forEach(numbers, rpc.block, { concurrency: "unbounded" })
  for (const block of blocks) {
    const { hash, number } = Option.getOrThrow(block)
    hashes.set(number, BigInt(hash))
  }
})
