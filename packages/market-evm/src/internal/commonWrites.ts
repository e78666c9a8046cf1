import type { Period, RevertReason, SlotId } from "@pecia/contracts-abi"
import {
  AccountLocked,
  type ChainError,
  InsufficientAllowance,
  InsufficientBalance,
  PeriodNotEnded,
  ProofAlreadyMarked,
  ProofNotMissing,
  ProofNotRequired,
  SlotNotAcceptingProofs,
  ValidationTimedOut,
} from "@pecia/market"
import { Effect, Option } from "effect"
import type { CallReverted } from "../RpcError.ts"
import type { TransactionQueue, Write } from "../TransactionQueue.ts"
import { encode, explain, reasonOf } from "./abi.ts"
import { type OpenContract, uint } from "./openContract.ts"
import { summed } from "./summed.ts"

/** What a revert means to the caller; undefined: nothing that he decides on. */
type Meaning<E> = (reason: RevertReason) => E | undefined

/** How one account writes to a contract of ours. `service` names the calls for tracing. */
export const writerOf = ({ contract, token }: OpenContract, queue: TransactionQueue["Service"], service: string) => {
  const { account } = queue
  const to = contract.address

  const send = <E = never>(
    name: string,
    sent: Effect.Effect<unknown, CallReverted | ChainError>,
    meaning: Meaning<E> = () => undefined,
  ): Effect.Effect<void, E | ChainError> =>
    sent.pipe(
      Effect.catchTag("CallReverted", (reverted) => {
        const error = Option.flatMap(reasonOf(reverted), (reason) => Option.fromUndefinedOr(meaning(reason)))
        return Effect.fail(Option.getOrElse(error, () => explain(name, reverted)))
      }),
      Effect.asVoid,
      Effect.withSpan(`${service}.${name}`),
    )

  const write = <E>(name: string, args: ReadonlyArray<unknown>, meaning: Meaning<E>) => {
    const data = Effect.fromResult(encode(contract.abi, name, args))
    return send(
      name,
      Effect.flatMap(data, (data) => queue.send({ name, to, data })),
      meaning,
    )
  }

  const approval = Effect.fnUntraced(function* (takeSum: () => bigint): Effect.fn.Return<Write, ChainError> {
    const allowance = yield* token.read(uint, "allowance", [account, to])
    const data = yield* Effect.fromResult(encode(token.abi, "approve", [to, allowance + takeSum()]))
    return { name: "approveFunds", to: token.address, data }
  })

  // An approval waits until nothing is in flight. Those that come meanwhile are one transaction with it, or each would cost a block.
  const approve = summed((takeSum) => send("approveFunds", queue.sendAlone(approval(takeSum))))

  /** Why the token did not let the contract take what it wanted. */
  const pull = (reason: RevertReason) => {
    if (reason === "ERC20: insufficient allowance") return new InsufficientAllowance({ account })
    if (reason === "ERC20: transfer amount exceeds balance") return new InsufficientBalance({ account })
  }

  return {
    write,
    pull,
    /** What every contract of ours can be told. */
    common: {
      account,
      approveFunds: approve,
      deposit: (amount: bigint) => write("deposit", [amount], pull),
      withdraw: write("withdraw", [], (reason) => {
        if (reason === "Account locked") return new AccountLocked({ account })
      }),
    },
    markProofAsMissing: (slotId: SlotId, period: Period) =>
      write("markProofAsMissing", [slotId, period], (reason) => {
        switch (reason) {
          case "Slot not accepting proofs":
            return new SlotNotAcceptingProofs({ slotId })
          case "Period has not ended yet":
            return new PeriodNotEnded({ slotId, period })
          case "Validation timed out":
            return new ValidationTimedOut({ slotId, period })
          case "Proof was submitted, not missing":
            return new ProofNotMissing({ slotId, period })
          case "Proof was not required":
            return new ProofNotRequired({ slotId, period })
          case "Proof already marked as missing":
            return new ProofAlreadyMarked({ slotId, period })
        }
      }),
  }
}
