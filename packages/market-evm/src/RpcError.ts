import { Schema } from "effect"

/** The node answered with an error instead of a result. */
export class NodeRefusal extends Schema.TaggedError<NodeRefusal>()("NodeRefusal", {
  method: Schema.String,
  code: Schema.Number,
  /** The node's own words. */
  detail: Schema.String,
  data: Schema.optionalKey(Schema.Unknown),
}) {
  override get message() {
    return `The node refused ${this.method}: ${this.detail}`
  }
}

/** The contract reverted while it was asked. */
export class CallReverted extends Schema.TaggedError<CallReverted>()("CallReverted", {
  /** What the contract gave as its reason, ABI encoded; `0x` when it gave none. */
  data: Schema.String,
  /** The node's own words. */
  detail: Schema.String,
}) {
  override get message() {
    return `The call reverted: ${this.detail}`
  }
}
