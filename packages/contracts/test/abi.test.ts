import { assert, describe, it } from "@effect/vitest"
import { type ContractName, readArtifact } from "@pecia/contracts"
import { Effect } from "effect"
import { Interface } from "ethers"

const interfaceOf = (name: ContractName) => Effect.map(readArtifact(name), ({ abi }) => new Interface(abi))

const request =
  "(address,(uint64,uint256,uint256,uint256,uint256,uint64),(string,(uint64),(bytes,bytes,bytes)),uint256,bytes32)"

// The table of the contract interface, section 2, and the views that were added to it.
const functions = {
  "0x1069143a": "options() -> ((address,uint8,bool)) view",
  "0x79502c55": "config() -> ((uint256,uint256,uint256,uint256),(uint256,uint256,uint8)) view",
  "0xfc0c546a": "token() -> (address) view",
  "0xb6b55f25": "deposit(uint256) -> () nonpayable",
  "0x3ccfd60b": "withdraw() -> () nonpayable",
  "0x70a08231": "balanceOf(address) -> (uint256) view",
  "0xde5b3a4a": `requestStorage(${request}) -> () nonpayable`,
  "0x6368a471": "fillSlot(bytes32,uint256,bytes) -> () nonpayable",
  "0xa29c29a4": "freeSlot(bytes32) -> () nonpayable",
  "0x08695fcd": "markProofAsMissing(bytes32,uint256) -> () nonpayable",
  "0x6e2b54ee": "withdrawFunds(bytes32) -> () nonpayable",
  "0x645116d8": "submitProof(bytes32,bytes) -> () nonpayable",
  "0x6b00c8cf": "getHost(bytes32) -> (address) view",
  "0xb396dc79": `getActiveSlot(bytes32) -> (${request},uint256) view`,
  "0xfb1e61ca": `getRequest(bytes32) -> (${request}) view`,
  "0x02fa8e65": "requestEnd(bytes32) -> (uint256) view",
  "0x05b90773": "requestState(bytes32) -> (uint8) view",
  "0xbe5cdc48": "slotState(bytes32) -> (uint8) view",
  "0x9777b72c": "myRequests() -> (bytes32[]) view",
  "0x5da73835": "mySlots() -> (bytes32[]) view",
  "0xf752196b": "missingProofs(bytes32) -> (uint256) view",
  "0x4641dce6": "getPointer(bytes32) -> (uint8) view",
  "0x458d2bf1": "getChallenge(bytes32) -> (bytes32) view",
  "0xc0cc4add": "isProofRequired(bytes32) -> (bool) view",
  "0xa3a0807e": "willProofBeRequired(bytes32) -> (bool) view",
}

// The table of the contract interface, section 5.
const events = {
  "0xbdc99f064eca9bcfe5018c1c9f1dc87a1275cb9483c1874e0ab8e83423c9fd1a":
    "event StorageRequested(bytes32 requestId, (uint64 slots, uint256 slotSize, uint256 duration, uint256 proofProbability, uint256 reward, uint64 maxSlotLoss) ask)",
  "0x85e1543bf2f84fe80c6badbce3648c8539ad1df4d2b3d822938ca0538be727e6":
    "event RequestFulfilled(bytes32 indexed requestId)",
  "0x4769361a442504ecaf038f35e119bcccdd5e42096b24c09e3c17fd17c6684c02":
    "event RequestFailed(bytes32 indexed requestId)",
  "0xf903f4774c7bd27355f9d7fcbc382b079b164a697a44ac5d95267a4c3cb3bb22":
    "event RequestCancelled(bytes32 indexed requestId)",
  "0xc3f584c404602bca2de1305c366333bc01c086582c86be46e0254affc4e0e630":
    "event SlotFilled(bytes32 indexed requestId, uint256 indexed slotIndex, bytes32 slotId)",
  "0x941c699bbe1379ca62b68c0380eae97577c06a8804616064ffc3eebd40a0510a":
    "event SlotFreed(bytes32 indexed requestId, bytes32 slotId)",
  "0x17d5257c85fa8a4b5a4d1f3520e38773826559199467bdce51698fce3d8cae9c": "event ProofSubmitted(bytes32 id, bytes proof)",
}

const openRequest = "(address,uint256,uint256,bytes32,uint256,uint256,uint256,bytes32)"
const offer = "(address,bytes32,uint256,uint256)"

// What the market by offers has instead.
const offerFunctions = {
  "0xfe3cc89d": `requestStorage(${openRequest}) -> () nonpayable`,
  "0x73fe94ca": `offerStorage(${offer}) -> () nonpayable`,
  "0x8bb19814": "selectOffer(bytes32) -> () nonpayable",
  "0xf9e561e5": "startContract(bytes32) -> () nonpayable",
  "0x0e00e72b": "finishContract(bytes32) -> () nonpayable",
  "0x6e2b54ee": "withdrawFunds(bytes32) -> () nonpayable",
  "0xfb1e61ca": `getRequest(bytes32) -> (${openRequest}) view`,
  "0xd597b8c8": `getOffer(bytes32) -> (${offer}) view`,
  "0xb1b5b948": "proofEnd(bytes32) -> (uint256) view",
}
const offerTopics = {
  StorageRequested: "0xab76dafe2f40ccd6849068ff7c93fc907af4719c9f617789928da65b3da5b5be",
  StorageOffered: "0x06995ffbe8bf6b48ece7e869ac2575e425cd8a0f83b20ad66c9015e18313f10c",
  OfferSelected: "0x80fa3e2c3d9f052158f9cac35f220ee457cfe328a6e5591d6888b2f34a223179",
  ProofSubmitted: "0x17d5257c85fa8a4b5a4d1f3520e38773826559199467bdce51698fce3d8cae9c",
}

const functionsOf = (contract: Interface) => {
  const table: Record<string, string> = {}
  contract.forEachFunction(({ selector, name, inputs, outputs, stateMutability }) => {
    const types = (params: typeof inputs) => `(${params.map((param) => param.format("sighash")).join(",")})`
    table[selector] = `${name}${types(inputs)} -> ${types(outputs)} ${stateMutability}`
  })
  return table
}

describe("the ABI", () => {
  it.effect("has the functions of the contract's interface, by selector, and no others", () =>
    Effect.gen(function* () {
      const verified = { "0x2b7ac3f3": "verifier() -> (address) view" }
      assert.deepStrictEqual(functionsOf(yield* interfaceOf("Marketplace")), { ...functions, ...verified })
    }),
  )

  it.effect("has the events of the contract's interface, by topic, and no others", () =>
    Effect.gen(function* () {
      const table: Record<string, string> = {}
      const contract = yield* interfaceOf("Marketplace")
      contract.forEachEvent((event) => {
        table[event.topicHash] = event.format("full")
      })
      assert.deepStrictEqual(table, events)
    }),
  )

  it.effect("names what config() and options() answer", () =>
    Effect.gen(function* () {
      const contract = yield* interfaceOf("Marketplace")
      const namesOf = (view: string) =>
        contract.getFunction(view)?.outputs.map(({ name, components }) => ({
          [name]: components?.map((component) => component.name),
        }))
      assert.deepStrictEqual(namesOf("config"), [
        { collateral: ["initialAmount", "minimumAmount", "slashCriterion", "slashPercentage"] },
        { proofs: ["period", "timeout", "downtime"] },
      ])
      assert.deepStrictEqual(namesOf("options"), [{ "": ["treasury", "markerPercentage", "collateralPerSlot"] }])
    }),
  )

  it.effect("of the test build adds forciblyFreeSlot, and has no verifier", () =>
    Effect.gen(function* () {
      const added = { "0xbdc19bee": "forciblyFreeSlot(bytes32) -> () nonpayable" }
      assert.deepStrictEqual(functionsOf(yield* interfaceOf("TestMarketplace")), { ...functions, ...added })
    }),
  )

  it.effect("says that a marketplace is created of token and config, a real one of verifier and options besides", () =>
    Effect.gen(function* () {
      const [real, test] = [yield* interfaceOf("Marketplace"), yield* interfaceOf("TestMarketplace")]
      const typesOf = ({ deploy }: Interface) => deploy.inputs.map((input) => input.format("sighash"))
      const common = ["address", "((uint256,uint256,uint256,uint256),(uint256,uint256,uint8))"]
      assert.deepStrictEqual(typesOf(test), common)
      assert.deepStrictEqual(typesOf(real), [...common, "address", "(address,uint8,bool)"])
    }),
  )

  it.effect("of the market by offers has the functions and events that the first one had", () =>
    Effect.gen(function* () {
      const contract = yield* interfaceOf("OfferMarket")
      const shared = ["config", "token", "deposit", "withdraw", "balanceOf", "isProofRequired", "submitProof"]
      const marketplace = Object.entries(functions).filter(([, text]) =>
        shared.some((name) => text.startsWith(`${name}(`)),
      )
      assert.deepInclude(functionsOf(contract), { ...offerFunctions, ...Object.fromEntries(marketplace) })
      for (const [name, topic] of Object.entries(offerTopics))
        assert.strictEqual(contract.getEvent(name)?.topicHash, topic)
    }),
  )

  it.effect("of the test token has an open mint and needs nothing to be constructed", () =>
    Effect.gen(function* () {
      const token = yield* interfaceOf("TestToken")
      assert.strictEqual(functionsOf(token)["0x40c10f19"], "mint(address,uint256) -> () nonpayable")
      assert.deepStrictEqual(token.deploy.inputs, [])
    }),
  )
})
