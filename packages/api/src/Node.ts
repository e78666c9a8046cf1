import { Address } from "@pecia/contracts-abi"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { JsonAmount, JsonNumber } from "./Quantity.ts"

const PeerJson = Schema.Struct({
  nodeId: Schema.String,
  peerId: Schema.String,
  record: Schema.String,
  address: Schema.String,
  seen: Schema.Boolean,
})

/** Who this node is and how it stands. `chain` is null on a node without a role on the market. */
export const NodeInfo = Schema.Struct({
  id: Schema.String,
  addrs: Schema.Array(Schema.String),
  repo: Schema.String,
  announceAddresses: Schema.Array(Schema.String),
  table: Schema.Struct({ localNode: PeerJson, nodes: Schema.Array(PeerJson) }),
  codex: Schema.Struct({ version: Schema.String, revision: Schema.String, contracts: Schema.String }),
  roles: Schema.Array(Schema.Literals(["client", "host", "validator"])),
  chain: Schema.NullOr(
    Schema.Struct({
      account: Address,
      time: JsonNumber,
      tokens: JsonAmount,
      collateral: JsonAmount,
      /** On the offer market; null where there is none. */
      offerCollateral: Schema.NullOr(JsonAmount),
    }),
  ),
})
export type NodeInfo = typeof NodeInfo.Type

/** The node itself. */
export class NodeGroup extends HttpApiGroup.make("node", { topLevel: true }).add(
  HttpApiEndpoint.get("info", "/debug/info", { success: NodeInfo, error: errors }),
  HttpApiEndpoint.get("connect", "/connect/:peerId", {
    params: { peerId: Schema.String },
    query: { addrs: Schema.optionalKey(Schema.Union([Schema.String, Schema.Array(Schema.String)])) },
    success: Schema.String.pipe(HttpApiSchema.asText()),
    error: errors,
  }),
) {}
