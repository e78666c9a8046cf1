import { type SlotId, slotId, StorageRequest } from "@pecia/contracts-abi"
import { BlockStore, blockSizeBytes, parseCid, SlotLayout, SlotManifest } from "@pecia/datasets"
import { Prover, SlotCheck } from "@pecia/proving"
import { SlotStorage, SlotUnavailable } from "@pecia/sales"
import { Effect, Layer, Option, Stream } from "effect"
import { Retrieval } from "./Retrieval.ts"

/** Blocks of a slot that are written to disk at a time. */
const writes = 8

const unavailable = (isRetryable: boolean) => (error: { readonly message: string }) =>
  new SlotUnavailable({ detail: error.message, isRetryable })
const contradicts = unavailable(false)
const notYet = unavailable(true)
