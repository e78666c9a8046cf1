import { ChainError, Misconfigured } from "@pecia/market"
import { Result } from "effect"

/** Where a node answers. */
export interface Endpoint {
  /** With what may be secret in it. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Without user, password, path and query, in which providers put their keys: the only form that errors and logs see. */
  readonly shown: string
}

/** Percent signs that encode nothing stand for themselves. */
const decoded = (part: string) =>
  Result.getOrElse(
    Result.try(() => decodeURIComponent(part)),
    () => part,
  )

const misconfigured = (detail: string) => Result.fail(new ChainError({ reason: new Misconfigured({ detail }) }))

/** Reads the URL of a node; user and password become a header, because `fetch` takes no URL that has them. */
export const endpointOf = (text: string): Result.Result<Endpoint, ChainError> => {
  const url = URL.parse(text)
  if (url === null)
    return misconfigured("The URL of the chain is not a URL; write something like http://127.0.0.1:8545.")
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return misconfigured(
      `The chain is read over http or https, not over ${url.protocol.slice(0, -1)}; name its HTTP URL.`,
    )
  }
  const { username, password } = url
  url.username = ""
  url.password = ""
  const login = `${decoded(username)}:${decoded(password)}`
  return Result.succeed({
    url: url.href,
    headers: login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` },
    shown: url.pathname === "/" && url.search === "" ? url.origin : `${url.origin}/...`,
  })
}
