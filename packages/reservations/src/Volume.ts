import { Schema } from "effect"

/** What is on disk, or held, under one name: a slot's id, an upload's id or a dataset's CID. */
export class Volume extends Schema.Class<Volume>("@pecia/reservations/Volume")({
  name: Schema.String,
  heldBytes: Schema.BigInt,
  writtenBytes: Schema.BigInt,
  metadataBytes: Schema.BigInt,
}) {}
