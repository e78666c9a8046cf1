import { JsonRpcApiProvider, type JsonRpcError, type JsonRpcPayload, type JsonRpcResult } from "ethers"
import { NodeRefusal } from "../RpcError.ts"
import type { Answer } from "./post.ts"

type Post = (body: string) => Promise<ReadonlyArray<Answer>>

/**
 * Joins the calls of one tick to a batch. Differs from the library's own HTTP provider in what that keeps for itself: requests that
 * timed out are aborted, nothing is retried behind our back, and the node's errors arrive as the node put them.
 */
export class HttpProvider extends JsonRpcApiProvider {
  readonly #post: Post

  constructor(post: Post) {
    super(undefined, { batchStallTime: 0, cacheTimeout: -1 })
    this.#post = post
  }

  override async _send(payload: JsonRpcPayload | Array<JsonRpcPayload>): Promise<Array<JsonRpcResult | JsonRpcError>> {
    const answers = await this.#post(JSON.stringify(payload))
    return answers.map(({ id, result, error }) => {
      // A node that cannot read a batch answers once, and for none of its calls.
      if (id === null) throw refusal("the request", error)
      return error == null ? { id, result } : { id, error }
    })
  }

  override getRpcError({ method }: JsonRpcPayload, { error }: JsonRpcError): Error {
    return refusal(method, error)
  }
}

const refusal = (method: string, error: JsonRpcError["error"] | null | undefined) =>
  new NodeRefusal({ method, code: error?.code ?? 0, detail: error?.message ?? "no reason given", data: error?.data })
