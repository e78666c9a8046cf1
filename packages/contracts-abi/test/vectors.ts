import { readFileSync } from "node:fs"
import { Result, Schema } from "effect"
import { getBytes } from "ethers"
import {
  Address,
  Nonce,
  RequestId,
  SlotId,
  StorageAsk,
  StorageContent,
  StoragePor,
  StorageRequest,
} from "../src/index.ts"

const Decimal = Schema.BigIntFromString
const Hex = Schema.String

const Vector = Schema.Struct({
  request: Schema.Struct({
    client: Schema.String,
    ask: Schema.Struct({
      slots: Decimal,
      slotSize: Decimal,
      duration: Decimal,
      proofProbability: Decimal,
      reward: Decimal,
      maxSlotLoss: Decimal,
    }),
    content: Schema.Struct({
      cid: Schema.String,
      erasure: Schema.Struct({ totalChunks: Decimal }),
      por: Schema.Struct({ u: Hex, publicKey: Hex, name: Hex }),
    }),
    expiry: Decimal,
    nonce: Nonce,
  }),
  requestId: RequestId,
  slotIds: Schema.Record(Schema.String, SlotId),
  pricePerSlot: Decimal,
  price: Decimal,
})

const json = readFileSync(new URL("fixtures/request-ids.json", import.meta.url), "utf8")

export const vectors = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Vector)))(json).map(
  ({ request: { client, ask, content, expiry, nonce }, ...expected }) => ({
    ...expected,
    request: new StorageRequest({
      client: Result.getOrThrow(Address.from(client)),
      ask: new StorageAsk(ask),
      content: new StorageContent({
        cid: content.cid,
        erasure: content.erasure,
        por: new StoragePor({
          u: getBytes(content.por.u),
          publicKey: getBytes(content.por.publicKey),
          name: getBytes(content.por.name),
        }),
      }),
      expiry,
      nonce,
    }),
  }),
)

/** The example of the contract interface, section 1. */
export const sample = new StorageRequest({
  client: Address.make(`0x${"11".repeat(20)}`),
  ask: new StorageAsk({
    slots: 4n,
    slotSize: 1073741824n,
    duration: 36000n,
    proofProbability: 4n,
    reward: 84n,
    maxSlotLoss: 2n,
  }),
  content: new StorageContent({
    cid: "zb2rhheVmk3bLks5MgzTqyznLu1zqGH5jrfTA1eAZXrjx7Vob",
    erasure: { totalChunks: 12n },
    por: new StoragePor({ u: new Uint8Array(), publicKey: new Uint8Array(), name: new Uint8Array() }),
  }),
  expiry: 1700000000n,
  nonce: Nonce.make(`0x${"22".repeat(32)}`),
})
