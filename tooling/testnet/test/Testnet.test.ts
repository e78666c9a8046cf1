import { existsSync, statSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { MarketplaceConfig } from "@pecia/contracts-abi"
import { Effect, Layer } from "effect"
import { Testnet } from "../src/index.ts"

const config = new MarketplaceConfig({
  collateral: { initialAmount: 100n, minimumAmount: 40n, slashCriterion: 3n, slashPercentage: 10n },
  proofs: { period: 10n, timeout: 5n, downtime: 2n },
})
const layer = Testnet.layer({ config, tokens: [7n] }).pipe(Layer.provideMerge(NodeServices.layer))

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe("a testnet", () => {
  it.live("starts nodes that answer, and takes processes and files away with its scope", () =>
    Effect.gen(function* () {
      const seen = yield* Effect.gen(function* () {
        const { accounts, directory, devnet, peciad } = yield* Testnet
        const [account] = accounts
        assert.isDefined(account)
        assert.strictEqual(statSync(account.keyFile).mode & 0o777, 0o600)
        const node = yield* peciad(account, { name: "node", roles: ["client"] })
        const info = yield* node.client.info()
        assert.strictEqual(info.chain?.account, account.address)
        assert.strictEqual(info.chain?.tokens, 7n)
        return { directory, pids: [node.pid, devnet.pid] }
      }).pipe(Effect.scoped, Effect.provide(layer))
      assert.isFalse(existsSync(seen.directory))
      assert.deepStrictEqual(seen.pids.filter(isRunning), [])
    }),
  )

  it.live("says what a node said last when it does not come up", () =>
    Effect.gen(function* () {
      const { accounts, peciad } = yield* Testnet
      const [account] = accounts
      assert.isDefined(account)
      const failure = yield* Effect.flip(
        peciad({ ...account, keyFile: "/nowhere.key" }, { name: "node", roles: ["client"] }),
      )
      assert.match(failure.message, /Node node: it ended at once\..*\/nowhere\.key/s)
    }).pipe(Effect.scoped, Effect.provide(layer)),
  )
})
