import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Nonce, StorageAsk, StorageContent, StorageRequest, slotId } from "@pecia/contracts-abi"
import { Market } from "@pecia/market"
import { MarketEvm } from "@pecia/market-evm"
import { ProofScheme, SlotProof } from "@pecia/proving"
import { Testnet, type TestnetAccount } from "@pecia/testnet"
import { SlotTree } from "@pecia/trees"
import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { eventually, layerTestnet } from "./market.ts"

const slotSize = 65_536n
const duration = 120n

/** The market as an account of the testnet sees it. */
const marketOf = Effect.fnUntraced(function* ({ privateKey }: TestnetAccount) {
  const { deployment, devnet } = yield* Testnet
  const market = MarketEvm.layer({
    url: devnet.url,
    marketplace: deployment.marketplace,
    privateKey: Redacted.make(privateKey),
    pollingInterval: "250 millis",
  })
  return Context.get(yield* Layer.build(market), Market)
})

const treeOf = (data: Uint8Array) => SlotTree.fromBlockRoots(SlotTree.blockRoot(data))

/** What somebody hands in who takes `data` for the slot. */
const proofFrom = Effect.fnUntraced(function* (data: Uint8Array, request: StorageRequest, challenge: string) {
  const scheme = yield* Effect.fromResult(ProofScheme.decode(request.content.por))
  const shape = yield* Effect.fromResult(ProofScheme.shape(scheme, slotSize, 1n))
  const id = slotId(StorageRequest.id(request), 0n)
  const statement = { scheme, slotSizeBytes: slotSize, slots: 1n, slotIndex: 0n, slotId: id, challenge }
  const pairs = yield* Effect.forEach(SlotProof.sampledPairs(shape, statement), (pair) =>
    Effect.fromOption(SlotTree.reveal(treeOf(data), pair, data)),
  )
  return SlotProof.encode(pairs, [])
})

const data = new Uint8Array(65_536).map((_, index) => index % 251)
const altered = data.map((byte, index) => (index === 40_000 ? byte ^ 1 : byte))

describe("a host whose data was altered by one bit", () => {
  it.live(
    "has its proofs refused by the chain, which takes those of the data itself",
    () =>
      Effect.gen(function* () {
        const { accounts } = yield* Testnet
        const [clientAccount, hostAccount] = accounts
        assert.isDefined(clientAccount)
        assert.isDefined(hostAccount)
        const client = yield* marketOf(clientAccount)
        const host = yield* marketOf(hostAccount)

        const por = yield* Effect.fromResult(ProofScheme.encode({ root: treeOf(data).root, samples: 5 }))
        const ask = { slots: 1n, slotSize, duration, proofProbability: 1n, reward: 1n, maxSlotLoss: 0n }
        const request = new StorageRequest({
          client: client.account,
          ask: new StorageAsk(ask),
          content: new StorageContent({ cid: "bafkqaaa", erasure: { totalChunks: 1n }, por }),
          expiry: BigInt(Math.floor((yield* Clock.currentTimeMillis) / 1000)) + 60n,
          nonce: Nonce.fromBytes(new Uint8Array(32)),
        })
        yield* client.approveFunds(duration)
        const requestId = yield* client.requestStorage(request)
        const id = slotId(requestId, 0n)
        yield* host.approveFunds(100n)
        yield* host.deposit(100n)

        const proofNow = (bytes: Uint8Array) =>
          Effect.flatMap(host.getChallenge(id), (challenge) => proofFrom(bytes, request, challenge))
        const fill = (bytes: Uint8Array) =>
          Effect.flatMap(proofNow(bytes), (proof) => host.fillSlot(requestId, 0n, proof))
        const submit = (bytes: Uint8Array) => Effect.flatMap(proofNow(bytes), (proof) => host.submitProof(id, proof))
        // the challenge may move on between the question and the block; then the answer is to prove anew
        const unlessMoved = { while: ({ _tag }: { _tag: string }) => _tag === "InvalidProof", times: 5 }

        assert.strictEqual((yield* Effect.flip(Effect.retry(fill(altered), unlessMoved)))._tag, "InvalidProof")
        yield* Effect.retry(fill(data), unlessMoved)
        yield* eventually(host.isProofRequired(id))
        assert.strictEqual((yield* Effect.flip(Effect.retry(submit(altered), unlessMoved)))._tag, "InvalidProof")
        yield* Effect.retry(submit(data), unlessMoved)
      }).pipe(Effect.scoped, Effect.provide(layerTestnet(1_000n, 1_000n)), Effect.provide(NodeServices.layer)),
    60_000,
  )
})
