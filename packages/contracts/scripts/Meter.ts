import { type ContractName, readArtifact } from "@pecia/contracts"
import { Devnet } from "@pecia/devnet"
import { Effect, Schema } from "effect"
import { ContractFactory, Interface } from "ethers"

/** A transaction, and what it cost as a whole. */
export interface GasRow {
  readonly label: string
  readonly gas: number
  readonly calldataBytes: number
}

const Receipt = Schema.Struct({
  status: Schema.String,
  gasUsed: Schema.String,
  contractAddress: Schema.NullOr(Schema.String),
  logs: Schema.Array(Schema.Struct({ topics: Schema.Array(Schema.String) })),
})

/** Unix seconds of the first block. All that costs gas follows from it, and from the transactions. */
export const genesis = 1_700_000_000n

/** Sends transactions on a devnet of its own, one to a block, at set times, and writes down what those with a label cost. */
export const makeMeter = Effect.gen(function* () {
  const { accounts, mine, rpc, setNextBlockTimestamp } = yield* Devnet
  const rows: Array<GasRow> = []
  let now = genesis + 10_000n

  const send = Effect.fnUntraced(function* (label: string, transaction: { from: string; to?: string; data: string }) {
    yield* setNextBlockTimestamp(now)
    now += 1n
    const receipt = yield* rpc("eth_sendTransactionSync", [{ ...transaction, gas: "0xb71b00" }]).pipe(
      Effect.flatMap(Schema.decodeUnknownEffect(Receipt)),
    )
    if (receipt.status !== "0x1") return yield* Effect.die(new Error(`reverted: ${label || transaction.data}`))
    const calldataBytes = transaction.data.length / 2 - 1
    if (label !== "") rows.push({ label, gas: Number(receipt.gasUsed), calldataBytes })
    return receipt
  })

  /** Creates a contract; answers how to talk to it. */
  const create = Effect.fnUntraced(function* (name: ContractName, ...args: ReadonlyArray<unknown>) {
    const { abi, bytecode } = yield* readArtifact(name)
    const contract = new Interface(abi)
    const { data } = yield* Effect.promise(() => new ContractFactory(abi, bytecode).getDeployTransaction(...args))
    const { contractAddress } = yield* send(`create ${name}`, { from: accounts[0].address, data })
    const to = String(contractAddress)
    const dataOf = (method: string, args: ReadonlyArray<unknown>) => contract.encodeFunctionData(method, args)
    return {
      address: to,
      /** An empty label: not of interest. */
      send: (label: string, from: string, method: string, ...args: ReadonlyArray<unknown>) =>
        send(label, { from, to, data: dataOf(method, args) }),
      /** Whether the transaction would succeed in the next block. */
      wouldPass: Effect.fnUntraced(function* (from: string, method: string, ...args: ReadonlyArray<unknown>) {
        yield* setNextBlockTimestamp(now)
        const estimate = rpc("eth_estimateGas", [{ from, to, data: dataOf(method, args) }, "pending"])
        return yield* Effect.match(estimate, { onFailure: () => false, onSuccess: () => true })
      }),
      /** What a view answers to a transaction in the next block. */
      view: Effect.fnUntraced(function* (method: string, ...args: ReadonlyArray<unknown>) {
        yield* setNextBlockTimestamp(now)
        const answer = yield* rpc("eth_call", [{ to, data: dataOf(method, args) }, "pending"])
        return String(contract.decodeFunctionResult(method, String(answer))[0])
      }),
      announced: (logs: typeof Receipt.Type.logs, event: string) =>
        logs.some(({ topics }) => topics[0] === contract.getEvent(event)?.topicHash),
    }
  })

  yield* mine(257)
  return {
    rows,
    create,
    accounts: accounts.map(({ address }) => address),
    /** The time of the next transaction. */
    now: () => now,
    goTo: (time: bigint) => {
      now = time
    },
    mine: Effect.gen(function* () {
      yield* setNextBlockTimestamp(now)
      now += 1n
      yield* mine(1)
    }),
  }
})

export type Meter = Effect.Success<typeof makeMeter>
