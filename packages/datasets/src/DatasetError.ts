import { Schema } from "effect"

/** More bytes than a manifest can be about. */
export class DatasetTooLarge extends Schema.TaggedError<DatasetTooLarge>()("DatasetTooLarge", {
  limitBytes: Schema.BigInt,
}) {
  override get message() {
    return `A dataset may have at most ${this.limitBytes} bytes; split the file.`
  }
}

/** A file name or media type that a manifest cannot carry. */
export class InvalidLabel extends Schema.TaggedError<InvalidLabel>()("InvalidLabel", {
  label: Schema.Literals(["filename", "mimetype"]),
  detail: Schema.String,
}) {
  override get message() {
    return `The ${this.label === "filename" ? "file name" : "media type"} is not valid: ${this.detail}.`
  }
}
