import { Effect } from "effect"
import { Command } from "effect/cli"
import { withNode } from "../NodeClient.ts"
import { print } from "../Output.ts"
import { pecia } from "../root.ts"

export const status = Command.make(
  "status",
  {},
  Effect.fn(function* () {
    const { api } = yield* pecia
    const { info, space } = yield* withNode(api, (node) => Effect.all({ info: node.info(), space: node.space() }))
    const { chain } = info
    yield* print({ ...info, space }, [
      `node        ${info.id}, version ${info.codex.version}`,
      `roles       ${info.roles.join(", ") || "none"}`,
      `listens on  ${info.addrs.join(" ")}`,
      `peers       ${info.table.nodes.length}`,
      `space       ${space.quotaUsedBytes} used and ${space.quotaReservedBytes} reserved of ${space.quotaMaxBytes} bytes`,
      ...(chain === null
        ? []
        : [
            `account     ${chain.account}`,
            `tokens      ${chain.tokens} and ${chain.collateral} as collateral${chain.offerCollateral === null ? "" : `, ${chain.offerCollateral} on the offer market`}`,
            `chain time  ${chain.time}`,
          ]),
    ])
  }),
).pipe(Command.withDescription("Show how the node stands"))
