import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { keccak256 } from "ethers"
import { Address, ContentHash, Nonce, Offer, OfferId, OpenRequest, RequestId, SlotId } from "../src/index.ts"
import { coder } from "./judge.ts"

const requestType = "tuple(address,uint256,uint256,bytes32,uint256,uint256,uint256,bytes32)"
const offerType = "tuple(address,bytes32,uint256,uint256)"

const request = new OpenRequest({
  client: Address.make(`0x${"11".repeat(20)}`),
  duration: 36_000n,
  size: 1_073_741_824n,
  contentHash: ContentHash.make(`0x${"44".repeat(32)}`),
  proofProbability: 4n,
  maxPrice: 84n,
  expiry: 1_700_000_000n,
  nonce: Nonce.make(`0x${"22".repeat(32)}`),
})
const offer = new Offer({
  host: Address.make(`0x${"33".repeat(20)}`),
  requestId: RequestId.make("0x798536d92247eba1c39e9a9ac47cf22eeb782067d23c8eacbf8901949a681b87"),
  price: 42n,
  expiry: 1_700_000_000n,
})

describe("ids of the offer market", () => {
  it("hold for the check vectors of its interface", () => {
    assert.strictEqual(OpenRequest.id(request), "0x51b39ba1904749cbd1986fa0ed1489a448d3708ad437216cfdb8ca4ab4f9c29d")
    assert.strictEqual(Offer.id(offer), "0x15fd4cd9e9a4b37e44cb5868ec6cf34604f45ce5c38cd9699665c368e754f915")
  })

  it.effect.prop("are keccak256 of what ethers encodes", [OpenRequest, Offer], ([request, offer]) =>
    Effect.sync(() => {
      const encoded = coder.encode([requestType], [OpenRequest.toAbi(request)])
      assert.strictEqual(OpenRequest.id(request), keccak256(encoded))
      assert.strictEqual(Offer.id(offer), keccak256(coder.encode([offerType], [Offer.toAbi(offer)])))
    }),
  )

  it("an offer's id stands in proofs where a slot has its own", () => {
    const id = Offer.id(offer)
    assert.strictEqual(OfferId.slotId(id), SlotId.make(id))
  })
})

describe("what the offer market answers", () => {
  it.effect.prop("requests and offers are read as ethers hands them out", [OpenRequest, Offer], ([request, offer]) =>
    Effect.sync(() => {
      const [asked]: ReadonlyArray<unknown> = coder.decode(
        [requestType],
        coder.encode([requestType], [OpenRequest.toAbi(request)]),
      )
      const [offered]: ReadonlyArray<unknown> = coder.decode(
        [offerType],
        coder.encode([offerType], [Offer.toAbi(offer)]),
      )
      assert.deepStrictEqual(OpenRequest.fromAbi(asked), Result.succeed(request))
      assert.deepStrictEqual(Offer.fromAbi(offered), Result.succeed(offer))
    }),
  )

  it.effect.prop("other tuples are refused, never thrown at", [Schema.Unknown], ([tuple]) =>
    Effect.sync(() => {
      assert.isTrue(Result.isFailure(OpenRequest.fromAbi(tuple)))
      assert.isTrue(Result.isFailure(Offer.fromAbi(tuple)))
    }),
  )

  it("a request with a member of another kind is refused with a sentence", () => {
    const tuple = [...OpenRequest.toAbi(request).slice(0, 3), "0x12", 4n, 84n, 1n, request.nonce]
    const { message } = Result.getOrThrow(Result.flip(OpenRequest.fromAbi(tuple)))
    assert.match(message, /^The chain's answer is no OpenRequest: it has other members/)
  })
})

it.effect.prop("a content hash is 32 bytes, there and back", [ContentHash], ([hash]) =>
  Effect.sync(() => {
    assert.strictEqual(ContentHash.toBytes(hash).length, 32)
    assert.strictEqual(ContentHash.fromBytes(ContentHash.toBytes(hash)), hash)
    assert.throws(() => ContentHash.fromBytes(ContentHash.toBytes(hash).subarray(1)))
  }),
)
