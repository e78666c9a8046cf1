import { readFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, FileSystem, Layer, Option } from "effect"
import { HttpRouter, HttpServer } from "effect/http"
import { layerServer } from "../src/http/Server.ts"
import { runPeciad } from "./process.ts"
import { layerTrial } from "./readme-example.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const readme = read("../README.md")

describe("the README", () => {
  it.live("has an example, which runs", () =>
    Effect.gen(function* () {
      assert.strictEqual(/```ts\n(.*?)```/s.exec(readme)?.[1], read("readme-example.ts"))
      const dataDirectory = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
      const trial = layerTrial({
        dataDirectory,
        roles: ["client"],
        api: { port: 0 },
        exchange: { listen: ["/ip4/127.0.0.1/tcp/0"], peers: [], discovery: [], network: "test" },
        chain: { url: "", deploymentFile: Option.none(), keyFile: Option.none(), pollingMillis: 0 },
        quotaBytes: 65_536n,
        marginPercent: 10n,
      })
      const server = yield* Layer.build(
        HttpRouter.serve(trial, { disableListenLog: true, disableLogger: true }).pipe(
          Layer.provideMerge(layerServer(0)),
        ),
      )
      const { address } = Context.get(server, HttpServer.HttpServer)
      const port = "port" in address ? address.port : 0
      const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/api/codex/v1/debug/info`))
      assert.deepInclude(JSON.parse(yield* Effect.promise(() => response.text())).chain, { tokens: "1000" })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("has every flag, and the variable that stands for it", () =>
    Effect.gen(function* () {
      const { stdout } = yield* runPeciad(["--help"])
      const [, own = ""] = /\nFLAGS\n(.*?)\n\n/s.exec(stdout) ?? []
      const flags = own.split("\n").map((line) => [/--[a-z-]+/.exec(line)?.[0], /\[(PECIA_\w+)\]/.exec(line)?.[1]])
      const rows = [...readme.matchAll(/^\| `(--[a-z-]+)` \| (?:`(PECIA_\w+)`)? ?\|/gm)].map(([, ...row]) => row)
      assert.isAbove(flags.length, 5)
      assert.deepStrictEqual(rows, flags)
    }).pipe(Effect.provide(NodeServices.layer)),
  )
})
