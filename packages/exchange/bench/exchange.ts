/**
 * How fast blocks move: 64 MiB in blocks of 64 KiB from another process, by the exchange and by node:http with one block a
 * request on 8 connections, in turns; each block is checked in both.
 *
 *   node --conditions=@pecia/source bench/exchange.ts [rounds] [blocks]
 */

import { spawn } from "node:child_process"
import { hash } from "node:crypto"
import { Agent, get } from "node:http"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { BlockSpace, BlockStore } from "@pecia/datasets"
import { Effect, Layer, Stream } from "effect"
import { Exchange } from "../src/index.ts"
import { manyBlocks } from "../test/manyBlocks.ts"

const rounds = Number(process.argv[2] ?? 5)
const count = Number(process.argv[3] ?? 1024)
const blocks = Array.from(manyBlocks(count), ({ cid }) => cid)
const megabytes = (count * 65_536) / 1e6

const server = spawn(
  process.execPath,
  ["--conditions=@pecia/source", fileURLToPath(new URL("processes/server.ts", import.meta.url)), String(count)],
  { stdio: ["pipe", "pipe", "inherit"] },
)
const lines = createInterface(server.stdout)[Symbol.asyncIterator]()
const nextLine = async (): Promise<Record<string, string & number>> => JSON.parse((await lines.next()).value ?? "{}")

const { url = "", address = "" } = await nextLine()

const cpuMillis = ({ user = 0, system = 0 }: { readonly user?: number; readonly system?: number }) =>
  (user + system) / 1000
const serverCpuMillis = async () => {
  server.stdin.write("\n")
  return cpuMillis(await nextLine())
}

interface Sample {
  readonly wallMillis: number
  readonly clientMillis: number
  readonly serverMillis: number
}

const measure = async (run: () => Promise<void>): Promise<Sample> => {
  const [serverBefore, clientBefore, start] = [
    await serverCpuMillis(),
    cpuMillis(process.cpuUsage()),
    performance.now(),
  ]
  await run()
  const wallMillis = performance.now() - start
  const clientMillis = cpuMillis(process.cpuUsage()) - clientBefore
  return { wallMillis, clientMillis, serverMillis: (await serverCpuMillis()) - serverBefore }
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 })
const getBlock = (index: number) =>
  new Promise<void>((resolve, reject) => {
    get(`${url}/${index}`, { agent }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk) => chunks.push(chunk))
      response.on("end", () => {
        const digest = hash("sha256", Buffer.concat(chunks), "buffer")
        if (digest.equals(blocks[index]?.multihash.digest ?? new Uint8Array())) resolve()
        else reject(new Error(`block ${index} is wrong`))
      })
    }).on("error", reject)
  })

const overHttp = async () => {
  const indices = blocks.keys()
  const worker = async () => {
    for (const index of indices) await getBlock(index)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

const median = (values: ReadonlyArray<number>) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const report = (name: string, samples: ReadonlyArray<Sample>) => {
  const of = (pick: (sample: Sample) => number) => median(samples.map(pick))
  const rate = (megabytes / (of((s) => s.wallMillis) / 1000)).toFixed(1)
  const cpu = `client ${of((s) => s.clientMillis).toFixed(0)} ms, server ${of((s) => s.serverMillis).toFixed(0)} ms`
  console.log(`${name.padEnd(9)} ${rate.padStart(6)} MB/s   CPU time: ${cpu}`)
}

await Effect.runPromise(
  Effect.gen(function* () {
    const exchange = yield* Exchange
    yield* exchange.connect(address)
    const overExchange = () =>
      Effect.runPromise(
        Stream.runCount(exchange.fetch(blocks)).pipe(
          Effect.tap((got) => (got === count ? Effect.void : Effect.die(`${got} of ${count} blocks`))),
          Effect.asVoid,
        ),
      )
    const samples: Record<"http" | "exchange", Array<Sample>> = { http: [], exchange: [] }
    yield* Effect.promise(async () => {
      for (let round = -1; round < rounds; round++) {
        const http = await measure(overHttp)
        const own = await measure(overExchange)
        // The first round warms both up.
        if (round < 0) continue
        samples.http.push(http)
        samples.exchange.push(own)
      }
    })
    report("node:http", samples.http)
    report("exchange", samples.exchange)
    // Of each round by itself: what else the machine does changes from round to round.
    const ratio = (pick: (sample: Sample) => number) =>
      median(samples.http.map((http, round) => pick(http) / pick(samples.exchange[round] ?? http))).toFixed(2)
    console.log(
      `exchange / node:http: ${ratio((s) => s.wallMillis)} by time, ${ratio((s) => s.clientMillis + s.serverMillis)} by CPU time`,
    )
  }).pipe(
    Effect.provide(
      Exchange.layer({ listen: [] }).pipe(
        Layer.provideMerge(BlockStore.layerMemory),
        Layer.provideMerge(BlockSpace.layerMemory({ quotaBytes: 1n << 40n })),
      ),
    ),
  ),
)
agent.destroy()
server.stdin.end()
