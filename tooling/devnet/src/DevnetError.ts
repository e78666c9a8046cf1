import { Schema } from "effect"

/** anvil did not come up; `reason` is what it said, or how it ended. */
export class DevnetStartError extends Schema.TaggedError<DevnetStartError>()("DevnetStartError", {
  binary: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `The devnet did not start: ${this.reason} (binary: ${this.binary}). Check that dependencies are installed and that the port, if you named one, is free.`
  }
}

/** The devnet refused a call, or no longer answers; `reason` is its own sentence. */
export class DevnetRpcError extends Schema.TaggedError<DevnetRpcError>()("DevnetRpcError", {
  url: Schema.String,
  method: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `${this.method} failed on the devnet at ${this.url}: ${this.reason}`
  }
}
