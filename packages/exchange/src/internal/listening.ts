import { CODE_P2P, CODE_TCP, multiaddr } from "@multiformats/multiaddr"
import { Result } from "effect"
import { CannotListen } from "../ExchangeError.ts"
import { causesOf, reasonOf } from "./reasons.ts"

/** How libp2p, which keeps no causes, reports each address in a message of many lines. */
const failedRow = /^ *(\/\S+): (?:Error: )?(.*)$/m

const example = "/ip4/127.0.0.1/tcp/8070"

interface Place {
  readonly host: string
  readonly port: string
}

/** Where a TCP multiaddress listens, and undefined for one that is not of TCP. */
const placeOf = (address: string): Result.Result<Place | undefined, unknown> =>
  Result.try({ try: () => multiaddr(address), catch: (cause) => cause }).pipe(
    Result.map((parsed) => {
      const components = parsed.getComponents().filter(({ code }) => code !== CODE_P2P)
      const [host, last] = components.slice(-2)
      if (last?.code !== CODE_TCP || host?.value === undefined || last.value === undefined) return undefined
      return { host: host.value, port: last.value }
    }),
  )

const notTcp = (addresses: ReadonlyArray<string>) =>
  new CannotListen({ addresses, detail: `nodes talk over TCP only; listen on an address such as ${example}` })

/** Finds an address that libp2p would refuse, or skip without a word where another one works. */
export const check = (addresses: ReadonlyArray<string>): Result.Result<void, CannotListen> => {
  for (const address of addresses) {
    const place = placeOf(address)
    if (Result.isFailure(place)) {
      const detail = `it is no multiaddress (${reasonOf(place.failure)}); one looks like ${example}`
      return Result.fail(new CannotListen({ addresses: [address.slice(0, 300)], detail }))
    }
    if (place.success === undefined) return Result.fail(notTcp([address]))
  }
  return Result.succeed(undefined)
}

/** What people are told for what libp2p and the system tell us. */
export const cannotListen = (addresses: ReadonlyArray<string>, cause: unknown): CannotListen => {
  const causes = causesOf(cause).filter((each) => each instanceof Error)
  const row = causes.map(({ message }) => failedRow.exec(message)).find((match) => match !== null)
  const [, failed, failure] = row ?? []
  const which = failed === undefined ? addresses : [failed]
  const symptoms =
    failure ?? causes.map((each) => `${each.name} ${"code" in each ? each.code : ""} ${each.message}`).join("\n")

  const places = which.flatMap((address) => Result.getOrUndefined(placeOf(address)) ?? [])
  const ports = places.map(({ host, port }) => `port ${port} of ${host}`).join(" or ")
  const hosts = places.map(({ host }) => host).join(" or ")
  const because = (detail: string) => new CannotListen({ addresses: which, detail })

  if (symptoms.includes("EADDRINUSE")) return because(`${ports} is in use; listen on another address`)
  if (symptoms.includes("EACCES")) return because(`this user may not open ${ports}; listen on a port above 1023`)
  if (symptoms.includes("EADDRNOTAVAIL")) return because(`this machine has no address ${hosts}; listen on one it has`)
  if (/UnsupportedListenAddress(?!es)/.test(symptoms)) return notTcp(which)
  return because(failure === undefined ? reasonOf(cause) : failure.trim().replace(/\.$/, ""))
}
