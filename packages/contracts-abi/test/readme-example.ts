import { Address, Nonce, StorageAsk, StorageContent, StoragePor, StorageRequest, slotId } from "@pecia/contracts-abi"
import { Console, Effect } from "effect"
import { SecureRandom } from "effect/crypto"

const none = new Uint8Array()

export const program = Effect.gen(function* () {
  const now = 1_795_305_600n
  const request = new StorageRequest({
    client: yield* Effect.fromResult(Address.from("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")),
    ask: new StorageAsk({
      slots: 3n,
      slotSize: 65_536n,
      duration: 3600n,
      proofProbability: 1n,
      reward: 2n,
      maxSlotLoss: 1n,
    }),
    content: new StorageContent({
      cid: "bafyreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
      erasure: { totalChunks: 3n },
      por: new StoragePor({ u: none, publicKey: none, name: none }),
    }),
    expiry: now + 600n,
    nonce: yield* Nonce.random,
  })
  for (const { message } of StorageRequest.sense(request, { now })) yield* Console.error(message)
  const requestId = StorageRequest.id(request)
  yield* Console.log(`slot 0 of ${requestId} is ${slotId(requestId, 0n)}; all cost ${StorageAsk.price(request.ask)}`)
}).pipe(Effect.provide(SecureRandom.layerWebCrypto))
