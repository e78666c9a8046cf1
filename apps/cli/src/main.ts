#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { Command } from "effect/cli"
import manifest from "../package.json" with { type: "json" }
import { download, files, remove, upload } from "./commands/data.ts"
import { auction, auctions, bids } from "./commands/offers.ts"
import { space } from "./commands/space.ts"
import { status } from "./commands/status.ts"
import { purchases, request, slots } from "./commands/storage.ts"
import { pecia } from "./root.ts"

pecia.pipe(
  Command.withSubcommands([
    upload,
    download,
    files,
    remove,
    space,
    request,
    purchases,
    slots,
    auction,
    auctions,
    bids,
    status,
  ]),
  Command.run({ version: manifest.version }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain,
)
