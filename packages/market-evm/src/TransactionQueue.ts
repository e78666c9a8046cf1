import type { Address } from "@pecia/contracts-abi"
import { ChainError, NotAccepted, Reverted } from "@pecia/market"
import { Context, type Duration, Effect, Exit, Fiber, Layer, Option, type Redacted, Scope, Semaphore } from "effect"
import { BlockReader } from "./BlockReader.ts"
import { ChainRpc, type Fees } from "./ChainRpc.ts"
import { type Refusal, refusalOf } from "./internal/refusalOf.ts"
import { type Signed, signerOf } from "./internal/signer.ts"
import type { Receipt } from "./Receipt.ts"
import type { CallReverted } from "./RpcError.ts"

export interface TransactionQueueOptions {
  /** 32 bytes of hex, with or without `0x`. */
  readonly privateKey: Redacted.Redacted<string>
}

/** What a contract is told to do. */
export interface Write {
  /** For people: "fillSlot". */
  readonly name: string
  readonly to: Address
  /** ABI encoded. */
  readonly data: string
}

/** A transaction that was sent, and may have arrived. */
interface Sent extends Signed {
  readonly write: Write
  readonly nonce: bigint
  readonly gasLimit: bigint
}

/** A transaction and who looks after it. */
interface Flight {
  readonly sent: Sent
  readonly landing: Fiber.Fiber<Receipt, CallReverted | ChainError>
}

/** How many transactions are sent before the first of them is mined: as many as nodes keep for one account without question. */
const mostInFlight = 16

/** The estimate is for the state of now. What others get mined first can make a call do more, as the fill that starts a request does. */
const gasLimitOf = (estimate: bigint) => (estimate * 3n) / 2n + 50_000n

/** When no block comes, what was sent is looked after all the same. */
const patience: Duration.Input = "5 seconds"

/** How long an interrupted caller waits for the outcome of what is in flight. */
const farewell = "10 seconds"

/** How often in a row a transaction is found lost before it is given up, and how often a new nonce is tried. */
const tries = 3

/** The node may not have counted what it just took. */
const nonceDelay: Duration.Input = "300 millis"

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

const make = Effect.fnUntraced(function* (
  options: TransactionQueueOptions,
): Effect.fn.Return<TransactionQueue["Service"], ChainError, ChainRpc | BlockReader | Scope.Scope> {
  const rpc = yield* ChainRpc
  const blocks = yield* BlockReader
  const scope = yield* Effect.scope
  const { account, sign } = yield* Effect.fromResult(signerOf(options.privateKey))
  /** Held from the estimate to the sending. */
  const turn = yield* Semaphore.make(1)
  /** One is held from the sending to the mining. */
  const seats = yield* Semaphore.make(mostInFlight)
  /** The nonces of what is being sent, and of what is sent and not yet mined. */
  const inFlight = new Set<bigint>()

  const callOf = ({ to, data }: Write) => ({ from: account, to, data })
  const notAccepted = ({ name }: Write, { detail, isRetryable }: Refusal) =>
    new ChainError({ reason: new NotAccepted({ call: name, detail, isRetryable }) })

  /** Runs an effect when nothing is in flight; for whose turn it is. */
  const alone = seats.withPermits(mostInFlight - 1)

  /** Not every node shows in its pending state what is in flight: a revert counts when nothing is. */
  const estimate = (write: Write) =>
    Effect.catchTag(rpc.estimateGas(callOf(write)), "CallReverted", (reverted) =>
      inFlight.size > 0 ? alone(rpc.estimateGas(callOf(write))) : Effect.fail(reverted),
    )

  /** The first nonce that no transaction in the pool has, so far as the node shows its pool. */
  const nextNonce = rpc.transactionCount(account, "pending")

  /** The first one that is free: what the node counts may lack what is in flight, or end at a transaction that was given up. */
  const freeFrom = (counted: bigint) => {
    let nonce = counted
    while (inFlight.has(nonce)) nonce += 1n
    return nonce
  }

  const signed = (write: Write, nonce: bigint, gasLimit: bigint, fees: Fees): Sent => {
    const { to, data } = write
    return { ...sign({ chainId: rpc.chainId, nonce, to, data, gasLimit, fees }), write, nonce, gasLimit }
  }

  /** None: the transaction is in the pool, or may be; in doubt it is sent again later. */
  const broadcast = ({ bytes }: Signed) =>
    rpc.broadcast(bytes).pipe(
      Effect.as(Option.none<Refusal>()),
      Effect.catchTags({
        ChainError: () => Effect.succeedNone,
        NodeRefusal: (refusal) => Effect.succeed(refusalOf(account, refusal)),
      }),
    )

  /** Uninterruptible, but for what is asked before anything is sent. The nonce of what was sent is in flight. */
  const submit = Effect.fnUntraced(function* (prepare: Effect.Effect<Write, ChainError>, restore: Restore) {
    const write = yield* restore(prepare)
    const gasLimit = gasLimitOf(yield* restore(estimate(write)))
    for (let attempt = 1; ; attempt++) {
      const [counted, fees] = yield* restore(Effect.all([nextNonce, rpc.fees], { concurrency: "unbounded" }))
      const sent = signed(write, freeFrom(counted), gasLimit, fees)
      inFlight.add(sent.nonce)
      const refusal = yield* broadcast(sent)
      if (Option.isNone(refusal)) return sent
      inFlight.delete(sent.nonce)
      if (!refusal.value.isNonceTaken || attempt === tries) return yield* notAccepted(write, refusal.value)
      yield* restore(Effect.sleep(nonceDelay))
    }
  })

  /** Why a transaction that was mined came to nothing. */
  const failure = Effect.fnUntraced(function* ({ write, gasLimit }: Sent, { blockNumber, gasUsed }: Receipt) {
    yield* rpc.call(callOf(write), blockNumber)
    const detail =
      gasUsed >= gasLimit
        ? `it took more than the ${gasLimit} gas that it was given`
        : "it could not be done when it was mined, and could be now"
    return yield* new ChainError({ reason: new Reverted({ call: write.name, detail }) })
  })

  /** None: the node does not answer, has the transaction, or has it again now. */
  const lost = (sent: Sent) =>
    Effect.flatMap(rpc.knows(sent.hash), (known) => (known ? Effect.succeedNone : broadcast(sent))).pipe(
      Effect.catchTag("ChainError", () => Effect.succeedNone),
    )

  /**
   * Nothing is mined before the nonces below it are. When nothing has one of them (it was given up, another program's transaction
   * was lost, a reorganisation undid it), whoever is first behind it has nothing done with it.
   */
  const closeGap = Effect.fnUntraced(function* (nonce: bigint) {
    if (Array.from(inFlight).some((other) => other < nonce)) return
    const gap = yield* nextNonce
    if (gap >= nonce) return
    const nothing: Write = { name: "nothing", to: account, data: "0x" }
    const [estimated, fees] = yield* Effect.all([rpc.estimateGas(callOf(nothing)), rpc.fees])
    if (inFlight.has(gap)) return
    const sent = signed(nothing, gap, gasLimitOf(estimated), fees)
    inFlight.add(gap)
    yield* Effect.gen(function* () {
      if (Option.isSome(yield* broadcast(sent))) return
      yield* Effect.logInfo(`Nothing had nonce ${gap} of ${account} any more; an empty transaction takes it.`)
      yield* land(sent)
    }).pipe(Effect.ensuring(Effect.sync(() => inFlight.delete(gap))))
  })

  /** Looks after a transaction until it is mined, whatever happens to the node in the meantime. */
  const land: (sent: Sent) => Effect.Effect<Receipt, CallReverted | ChainError> = Effect.fnUntraced(function* (sent) {
    for (let losses = 0; ; ) {
      const chain = yield* blocks.chain
      const receipt = yield* Effect.catchTag(rpc.receipt(sent.hash), "ChainError", () => Effect.succeedNone)
      if (Option.isSome(receipt)) {
        yield* blocks.reach(receipt.value.blockNumber)
        return receipt.value.status === 1n ? receipt.value : yield* failure(sent, receipt.value)
      }
      const refusal = yield* lost(sent)
      losses = Option.isNone(refusal) ? 0 : losses + 1
      if (Option.isSome(refusal) && losses === tries) return yield* notAccepted(sent.write, refusal.value)
      // What fails there is tried again after the next block.
      yield* Effect.ignore(closeGap(sent.nonce))
      yield* Effect.timeoutOption(blocks.after(chain), patience)
    }
  })

  /** Sends a transaction when a seat is free, and has it looked after. */
  const launch = Effect.fnUntraced(function* (prepare: Effect.Effect<Write, ChainError>, restore: Restore) {
    const flight = yield* Scope.make()
    return yield* Effect.gen(function* () {
      yield* restore(Scope.provide(seats.takeScoped(1), flight))
      const sent = yield* submit(prepare, restore)
      yield* Effect.logDebug(`${sent.write.name} sent with nonce ${sent.nonce} as ${sent.hash}`)
      yield* Scope.addFinalizer(
        flight,
        Effect.sync(() => inFlight.delete(sent.nonce)),
      )
      const landing = yield* Effect.forkIn(
        Effect.onExit(land(sent), (exit) => Scope.close(flight, exit)),
        scope,
      )
      return { sent, landing }
    }).pipe(Effect.onError((cause) => Scope.close(flight, Exit.failCause(cause))))
  })

  /** What an interrupted caller does; the transaction is looked after as before. */
  const leave = Effect.fnUntraced(function* ({ sent, landing }: Flight) {
    const outcome = yield* Effect.timeoutOption(Fiber.await(landing), farewell)
    if (Option.isSome(outcome)) return
    yield* Effect.logWarning(
      `Gave up waiting for the outcome of ${sent.write.name}: transaction ${sent.hash} was not mined within ${farewell}, and may still be.`,
    )
  })

  const send = (prepare: Effect.Effect<Write, ChainError>) =>
    Effect.suspend(() => {
      let leaving = Effect.void
      return turn
        .withPermit(
          Effect.uninterruptibleMask((restore) =>
            Effect.tap(launch(prepare, restore), (flight) =>
              Effect.sync(() => {
                leaving = leave(flight)
              }),
            ),
          ),
        )
        .pipe(
          Effect.flatMap(({ landing }) => Fiber.join(landing)),
          Effect.onInterrupt(() => leaving),
        )
    })

  return TransactionQueue.of({
    account,
    send: (write) => send(Effect.succeed(write)),
    sendAlone: (prepare) => send(alone(prepare)),
  })
})

/**
 * The writes of one account, in the order in which they are called.
 *
 * A write is simulated first: what would revert is not sent. What was sent is looked after until it is mined in one block, in the
 * layer's own scope: it is sent again when the pool lost it, and an interrupted caller neither takes it back nor loses its nonce
 * (he waits up to 10 seconds for the outcome, and says in the log what he gave up waiting for). The next write does not wait until
 * the one before it is mined, nor for ever when that one is given up: an empty transaction takes a nonce that nothing has any more.
 */
export class TransactionQueue extends Context.Service<
  TransactionQueue,
  {
    readonly account: Address
    /** Ends when the transaction is mined, and `BlockReader` knows its block. */
    readonly send: (write: Write) => Effect.Effect<Receipt, CallReverted | ChainError>
    /** Prepares the write when all writes before it are mined. */
    readonly sendAlone: (prepare: Effect.Effect<Write, ChainError>) => Effect.Effect<Receipt, CallReverted | ChainError>
  }
>()("@pecia/market-evm/TransactionQueue") {
  static readonly layer = (
    options: TransactionQueueOptions,
  ): Layer.Layer<TransactionQueue, ChainError, ChainRpc | BlockReader> => Layer.effect(TransactionQueue, make(options))
}
