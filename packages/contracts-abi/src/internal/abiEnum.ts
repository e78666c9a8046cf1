import { Result } from "effect"
import { AbiError } from "../AbiError.ts"

/** An enumeration of the contract: on the chain it is the position among its members. */
export const abiEnum = <const Member extends string>(noun: string, members: ReadonlyArray<Member>) => ({
  /** Reads the contract's number, as ethers hands it out. */
  fromAbi: (position: number | bigint): Result.Result<Member, AbiError> => {
    const member = members[Number(position)]
    return member === undefined
      ? Result.fail(new AbiError({ noun, problem: "OutOfRange", detail: String(position) }))
      : Result.succeed(member)
  },
  /** The contract's number. */
  toAbi: (member: Member): bigint => BigInt(members.indexOf(member)),
})
