import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { Effect, Layer, Schema } from "effect"
import { BlockSpace } from "../../src/index.ts"
import * as MemorySpace from "../../src/internal/memorySpace.ts"

const Line = Schema.fromJsonString(
  Schema.Union([
    Schema.Tuple([Schema.Literals(["hold", "write", "writeMetadata"]), Schema.String, Schema.BigIntFromString]),
    Schema.Tuple([Schema.Literals(["trim", "cache", "keep", "giveBack"]), Schema.String]),
    Schema.Tuple([Schema.Literals(["rename"]), Schema.String, Schema.String]),
    Schema.Tuple([Schema.Literals(["settle"]), Schema.String, Schema.BigIntFromString, Schema.BigIntFromString]),
  ]),
)
type Line = typeof Line.Type

const encode = Schema.encodeSync(Line)
const decode = Schema.decodeSync(Line)

/** A ledger that outlasts its process: in memory, with a line in a file for each step that succeeded. */
export const journaledSpace = (file: string, quotaBytes: bigint) =>
  Layer.effect(
    BlockSpace,
    Effect.gen(function* () {
      const space = MemorySpace.make(quotaBytes, quotaBytes)
      const perform = (line: Line) => {
        if (line[0] === "rename") return space.rename(line[1], line[2])
        if (line[0] === "settle") return space.settle(line[1], { dataBytes: line[2], metadataBytes: line[3] })
        if (line[0] === "hold" || line[0] === "write" || line[0] === "writeMetadata")
          return space[line[0]](line[1], line[2])
        return space[line[0]](line[1])
      }
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : []
      yield* Effect.forEach(lines, (line) => Effect.orDie(perform(decode(line))), { discard: true })
      /** Both in one go: nothing comes between the step and its line but the end of the process. */
      const journal =
        <A extends ReadonlyArray<unknown>, E>(
          step: (...args: A) => Effect.Effect<void, E>,
          line: (...args: A) => Line,
        ) =>
        (...args: A) =>
          Effect.tap(step(...args), () => Effect.sync(() => appendFileSync(file, `${encode(line(...args))}\n`)))
      return BlockSpace.of({
        ...space,
        hold: journal(space.hold, (name, bytes) => ["hold", name, bytes]),
        write: journal(space.write, (name, bytes) => ["write", name, bytes]),
        writeMetadata: journal(space.writeMetadata, (name, bytes) => ["writeMetadata", name, bytes]),
        trim: journal(space.trim, (name) => ["trim", name]),
        cache: journal(space.cache, (name) => ["cache", name]),
        keep: journal(space.keep, (name) => ["keep", name]),
        giveBack: journal(space.giveBack, (name) => ["giveBack", name]),
        rename: journal(space.rename, (from, to) => ["rename", from, to]),
        settle: journal(space.settle, (name, found) => ["settle", name, found.dataBytes, found.metadataBytes]),
      })
    }),
  )
