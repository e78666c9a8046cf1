import { Result } from "effect"
import { NoChain } from "../DeployError.ts"

/** Where a chain's node answers. */
export interface Endpoint {
  /** With what may be secret in it, but user and password: those are in the headers, because `fetch` takes no URL that has them. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The origin alone: what errors show. */
  readonly shown: string
}

/** Percent signs that encode nothing stand for themselves. */
const decoded = (part: string) =>
  Result.getOrElse(
    Result.try(() => decodeURIComponent(part)),
    () => part,
  )

export const endpointOf = (text: string): Result.Result<Endpoint, NoChain> => {
  const url = URL.parse(text)
  if (url === null) return Result.fail(new NoChain({ url: "what is no URL" }))
  // other schemes than http have the origin "null"
  const shown = `${url.protocol}//${url.host}`
  const login = `${decoded(url.username)}:${decoded(url.password)}`
  url.username = ""
  url.password = ""
  const headers = login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }
  return Result.succeed({ url: url.href, headers, shown })
}
