import type { PeerId } from "@libp2p/interface"
import { peerIdFromString } from "@libp2p/peer-id"
import { CODE_P2P, type Multiaddr, multiaddr } from "@multiformats/multiaddr"
import { Result } from "effect"
import { InvalidPeerAddress } from "../ExchangeError.ts"
import { reasonOf } from "./reasons.ts"

/** A peer's multiaddress, with the peer id that it ends in. */
export interface PeerAddress {
  readonly text: string
  readonly multiaddr: Multiaddr
  readonly peerId: PeerId
}

export const parsePeerAddress = (text: string): Result.Result<PeerAddress, InvalidPeerAddress> => {
  const invalid = (detail: string) => new InvalidPeerAddress({ address: text.slice(0, 300), detail })
  return Result.try({ try: () => multiaddr(text), catch: (cause) => invalid(reasonOf(cause)) }).pipe(
    Result.flatMap((address) => {
      const last = address.getComponents().at(-1)
      if (last?.code !== CODE_P2P || last.value === undefined)
        return Result.fail(invalid("it does not end in a peer id"))
      const id = last.value
      return Result.try({
        try: () => ({ text, multiaddr: address, peerId: peerIdFromString(id) }),
        catch: (cause) => invalid(reasonOf(cause)),
      })
    }),
  )
}

export const withoutPeerId = (address: Multiaddr): string => address.decapsulateCode(CODE_P2P).toString()
