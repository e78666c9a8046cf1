import { Address } from "@pecia/contracts-abi"
import { ChainError, Misconfigured } from "@pecia/market"
import { Redacted, Result } from "effect"
import { computeAddress, keccak256, SigningKey, Transaction } from "ethers"
import type { Fees } from "../ChainRpc.ts"

/** What a signature is put under. */
export interface Unsigned {
  readonly chainId: bigint
  readonly nonce: bigint
  readonly to: Address
  readonly data: string
  readonly gasLimit: bigint
  readonly fees: Fees
}

export interface Signed {
  readonly hash: string
  /** As it is sent. */
  readonly bytes: string
}

export interface Signer {
  readonly account: Address
  readonly sign: (transaction: Unsigned) => Signed
}

/** Keeps the key to itself: it is in no error, and nothing that is handed out has it. */
export const signerOf = (privateKey: Redacted.Redacted<string>): Result.Result<Signer, ChainError> =>
  Result.try({
    try: () => {
      const key = new SigningKey(hexOf(Redacted.value(privateKey)))
      return {
        account: Address.make(computeAddress(key).toLowerCase()),
        sign: ({ nonce, fees, ...fields }: Unsigned) => {
          const type = "gasPrice" in fees ? 0 : 2
          const transaction = Transaction.from({ type, nonce: Number(nonce), ...fields, ...fees })
          transaction.signature = key.sign(transaction.unsignedHash)
          return { hash: keccak256(transaction.serialized), bytes: transaction.serialized }
        },
      }
    },
    catch: () => new ChainError({ reason: new Misconfigured({ detail: "The private key is not 32 bytes of hex." }) }),
  })

const hexOf = (key: string) => (key.startsWith("0x") ? key : `0x${key}`)
