import { HttpApi, OpenApi } from "effect/http-api"
import { AuctionsGroup } from "./Auctions.ts"
import { BidsGroup } from "./Bids.ts"
import { DataGroup } from "./Data.ts"
import { NodeGroup } from "./Node.ts"
import { SalesGroup } from "./Sales.ts"
import { Sentences } from "./Sentences.ts"
import { StorageGroup } from "./Storage.ts"

/** The REST interface of a node, under /api/codex/v1. */
export class Api extends HttpApi.make("pecia")
  .add(DataGroup, StorageGroup, AuctionsGroup, SalesGroup, BidsGroup, NodeGroup)
  .middleware(Sentences)
  .prefix("/api/codex/v1")
  .annotateMerge(OpenApi.annotations({ title: "Pecia", version: "1" })) {}
