import { Address, marketplaceAbi } from "@pecia/contracts-abi"
import { ChainError, Unreachable } from "@pecia/market"
import { Effect, Layer, Option } from "effect"
import { Interface, toBeHex } from "ethers"
import { type Block, ChainRpc, type Log, type LogFilter, NodeRefusal } from "../src/index.ts"

interface Mined extends Block {
  readonly logs: ReadonlyArray<Log>
}

const marketplace = new Interface(marketplaceAbi)
const unused = Effect.die("not a question that a reader asks")

/** A node in memory, as far as readers of blocks and logs ask it, whose chain the test rewrites. */
export class MemoryNode {
  readonly address = Address.make(`0x${"ab".repeat(20)}`)
  /** The longest range of blocks whose logs it gives at once. */
  longestRange = 1_000_000n
  /** How many of the next calls get no answer. */
  failures = 0
  /** How often it was asked for logs. */
  asked = 0
  #blocks: Array<Mined> = []
  #made = 0n

  constructor() {
    this.mine(0)
  }

  get height(): number {
    return this.#blocks.length - 1
  }

  /** The ids of the requests whose failure the chain tells of, from a block on. */
  told(from: bigint): ReadonlyArray<string> {
    return this.#blocks.slice(Number(from)).flatMap(({ logs }) => logs.map(({ topics }) => topics[1] ?? ""))
  }

  /** One block in which so many requests fail. */
  mine(events: number): void {
    const number = BigInt(this.#blocks.length)
    const hash = this.#unique()
    const logs = Array.from({ length: events }, (_, index) => {
      const { topics, data } = marketplace.encodeEventLog("RequestFailed", [this.#unique()])
      return { blockNumber: number, blockHash: hash, logIndex: BigInt(index), topics, data }
    })
    const parentHash = this.#blocks.at(-1)?.hash ?? toBeHex(0, 32)
    this.#blocks.push({ number, hash, parentHash, timestamp: 1_000n + number, logs })
  }

  /** A log of the address that is no event of the marketplace. */
  mineNonsense(): void {
    this.mine(1)
    const last = this.#blocks.pop()
    if (last !== undefined)
      this.#blocks.push({ ...last, logs: last.logs.map((log) => ({ ...log, topics: [last.hash] })) })
  }

  /** Drops the newest blocks, but not the first. */
  drop(blocks: number): void {
    this.#blocks.length = Math.max(1, this.#blocks.length - blocks)
  }

  #unique(): string {
    this.#made += 1n
    return toBeHex(this.#made, 32)
  }

  #answer<A, E = never>(make: () => Effect.Effect<A, E>): Effect.Effect<A, E | ChainError> {
    return Effect.suspend((): Effect.Effect<A, E | ChainError> => {
      if (this.failures === 0) return make()
      this.failures -= 1
      return Effect.fail(new ChainError({ reason: new Unreachable({ url: "memory", detail: "connection lost" }) }))
    })
  }

  #logs(filter: LogFilter): Effect.Effect<ReadonlyArray<Log>, NodeRefusal> {
    const refuse = (detail: string) => Effect.fail(new NodeRefusal({ method: "eth_getLogs", code: -32000, detail }))
    this.asked += 1
    if ("blockHash" in filter) {
      const found = this.#blocks.find(({ hash }) => hash === filter.blockHash)
      return found === undefined ? refuse("unknown block") : Effect.succeed(found.logs)
    }
    if (filter.toBlock - filter.fromBlock >= this.longestRange) return refuse("range too large")
    const found = this.#blocks.filter(({ number }) => filter.fromBlock <= number && number <= filter.toBlock)
    return Effect.succeed(found.flatMap(({ logs }) => logs))
  }

  readonly layer = Layer.sync(ChainRpc, () =>
    ChainRpc.of({
      url: "memory",
      chainId: 1n,
      block: (at) =>
        this.#answer(() =>
          Effect.sync(() =>
            Option.fromUndefinedOr(typeof at === "bigint" ? this.#blocks[Number(at)] : this.#blocks.at(-1)),
          ),
        ),
      logs: (filter) => this.#answer(() => this.#logs(filter)),
      code: () => unused,
      call: () => unused,
      estimateGas: () => unused,
      fees: unused,
      transactionCount: () => unused,
      broadcast: () => unused,
      receipt: () => unused,
      knows: () => unused,
    }),
  )
}
