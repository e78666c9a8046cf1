import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { errors } from "./ApiError.ts"
import { JsonNumber } from "./Quantity.ts"

export const ManifestJson = Schema.Struct({
  treeCid: Schema.String,
  datasetSize: JsonNumber,
  blockSize: JsonNumber,
  /** Whether it is laid out over slots. */
  protected: Schema.Boolean,
  filename: Schema.NullOr(Schema.String),
  mimetype: Schema.NullOr(Schema.String),
}).annotate({ identifier: "Manifest" })

export const DataItem = Schema.Struct({ cid: Schema.String, manifest: ManifestJson }).annotate({
  identifier: "Dataset",
})
export type DataItem = typeof DataItem.Type

export const SpaceJson = Schema.Struct({
  totalBlocks: Schema.Int,
  quotaMaxBytes: JsonNumber,
  quotaUsedBytes: JsonNumber,
  quotaReservedBytes: JsonNumber,
})

/** How far a long step of the node is: coding (lay), fetching, repairing (store, import). */
export const StepJson = Schema.Struct({
  /** The CID of a dataset, or the id of a slot. */
  subject: Schema.String,
  step: Schema.Literals(["upload", "import", "lay", "store", "read"]),
  doneBytes: JsonNumber,
  /** Null where nobody knows. */
  totalBytes: Schema.NullOr(JsonNumber),
}).annotate({ identifier: "Step" })
export type StepJson = typeof StepJson.Type

const cid = { cid: Schema.String }

/** raw (default): the bytes of the dataset, or of the one block that the CID names. car: all its blocks as a CAR archive, version 1. */
const format = {
  format: Schema.optionalKey(Schema.Literals(["raw", "car"]).annotate({ message: 'Expected "raw" or "car"' })),
}
const Text = Schema.String.pipe(HttpApiSchema.asText())

/** Datasets: up, down, here and over there. */
export class DataGroup extends HttpApiGroup.make("data", { topLevel: true }).add(
  HttpApiEndpoint.get("listData", "/data", {
    success: Schema.Struct({ content: Schema.Array(DataItem) }),
    error: errors,
  }),
  /** What the node works at for long, from now on: a line of JSON about once a MiB. Of one dataset or slot only, if it is named. */
  HttpApiEndpoint.get("progress", "/progress", {
    query: { subject: Schema.optionalKey(Schema.String) },
    success: HttpApiSchema.StreamNdjson({ schema: StepJson }),
    error: errors,
  }),
  HttpApiEndpoint.get("space", "/space", { success: SpaceJson, error: errors }),
  /**
   * The body is the file, under any content type; Content-Disposition may name it. Of type application/vnd.ipld.car it is a CAR archive
   * that has one dataset, or one file of IPFS, in it. Answers the dataset's CID.
   */
  HttpApiEndpoint.post("upload", "/data", {
    headers: { "content-disposition": Schema.optionalKey(Schema.String) },
    payload: HttpApiSchema.StreamUint8Array(),
    success: Text,
    error: errors,
  }),
  /** The bytes of a dataset that is here. */
  HttpApiEndpoint.get("download", "/data/:cid", {
    params: cid,
    query: format,
    success: HttpApiSchema.StreamUint8Array(),
    error: errors,
  }),
  HttpApiEndpoint.delete("deleteData", "/data/:cid", { params: cid, success: HttpApiSchema.NoContent, error: errors }),
  /** Begins to fetch a dataset from other nodes into this one; answers as soon as its manifest is here. */
  HttpApiEndpoint.post("fetchData", "/data/:cid/network", { params: cid, success: DataItem, error: errors }),
  /** The bytes of a dataset, from other nodes where they are not here. */
  HttpApiEndpoint.get("streamData", "/data/:cid/network/stream", {
    params: cid,
    query: format,
    success: HttpApiSchema.StreamUint8Array(),
    error: errors,
  }),
  HttpApiEndpoint.get("fetchManifest", "/data/:cid/network/manifest", {
    params: cid,
    success: DataItem,
    error: errors,
  }),
) {}
