import { assert } from "@effect/vitest"
import { MemoryChain } from "@pecia/market"
import { Effect } from "effect"
import { type MemoryNode, type MemoryNodeOptions, runMemoryNode } from "../MemoryNode.ts"
import { newAccount } from "../MemoryWorld.ts"

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  readonly text: string
}

export interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  /** Sent as it is; anything but text and bytes as JSON. */
  readonly body?: unknown
}

const isBody = (body: unknown): body is string | Uint8Array<ArrayBuffer> =>
  typeof body === "string" || body instanceof Uint8Array

export const ask = Effect.fnUntraced(function* (node: MemoryNode, { method = "GET", path, headers = {}, body }: Ask) {
  const response = yield* node.fetch(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: isBody(body) ? body : JSON.stringify(body) }),
  })
  const bytes = new Uint8Array(yield* Effect.promise(() => response.arrayBuffer()))
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    bytes,
    text: new TextDecoder().decode(bytes),
  }
  return answer
})

/** All that a call could have changed. */
const standing = Effect.fnUntraced(function* (node: MemoryNode) {
  return {
    head: yield* (yield* MemoryChain).head,
    space: yield* node.ledger.space,
    volumes: yield* node.ledger.volumes,
    blocks: yield* node.store.volumes,
    availabilities: yield* node.ledger.availabilities,
    purchases: (yield* ask(node, { path: "/storage/purchases" })).text,
    auctions: (yield* ask(node, { path: "/storage/auctions" })).text,
    bids: (yield* ask(node, { path: "/sales/bids" })).text,
  }
})

/** Refuses a call with this status and one sentence of plain text; nothing has changed. */
export const refuses = Effect.fnUntraced(function* (
  node: MemoryNode,
  call: Ask,
  status: number,
  sentence: string | RegExp,
) {
  const before = yield* standing(node)
  const answer = yield* ask(node, call)
  const { text } = answer
  assert.deepStrictEqual({ status: answer.status, text }, { status, text })
  if (typeof sentence === "string") assert.strictEqual(text, sentence)
  else assert.match(text, sentence)
  assert.match(answer.headers.get("content-type") ?? "", /^text\/plain/)
  assert.notMatch(text, /\n|^\s*$|Error\b|\bat .*\.ts/)
  assert.deepStrictEqual(yield* standing(node), before)
})

/** A node with an account of its own. */
export const newNode = Effect.fnUntraced(function* (
  roles: MemoryNodeOptions["roles"],
  { tokens = 0n, ...options }: Omit<MemoryNodeOptions, "account" | "roles"> & { readonly tokens?: bigint } = {},
) {
  yield* MemoryChain.use((chain) => chain.advanceTo(1_700_000_000n))
  return yield* runMemoryNode({ account: yield* newAccount(tokens), roles, ...options })
})
