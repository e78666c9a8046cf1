import { assert, describe, expect, it } from "@effect/vitest"
import { Equal, Option } from "effect"
import {
  PurchaseFact,
  PurchaseMachine,
  PurchaseName,
  PurchaseOutcome,
  PurchaseState,
  purchaseError,
  purchaseName,
  type RequestEnd,
  RequestStanding,
  type Rest,
} from "../src/index.ts"

const { decide, work } = PurchaseMachine
const detail = "broken"

const rests: ReadonlyArray<Rest> = ["PaidBack", "None", "Unknown"]
const requests: ReadonlyArray<RequestEnd> = ["Cancelled", "Finished", "Failed"]

const outcomes = [
  ...rests.map((rest) => PurchaseOutcome.Finished({ rest })),
  PurchaseOutcome.Cancelled(),
  ...rests.map((rest) => PurchaseOutcome.Failed({ rest })),
  PurchaseOutcome.Errored({ detail }),
]
const running = [
  PurchaseState.Pending(),
  PurchaseState.Submitted(),
  PurchaseState.Started(),
  ...requests.map((request) => PurchaseState.Refunding({ request })),
]
const ends = outcomes.map((outcome) => PurchaseState.Ended({ outcome }))
const states = [...running, ...ends]
const facts = [
  ...RequestStanding.literals.map((standing) => PurchaseFact.ChainSays({ standing })),
  PurchaseFact.Requested(),
  PurchaseFact.Refused({ detail }),
  ...rests.map((rest) => PurchaseFact.Refunded({ rest })),
]

const short = (value: PurchaseState | PurchaseFact): string => {
  const inner = [
    "outcome" in value ? value.outcome._tag : undefined,
    "outcome" in value && "rest" in value.outcome ? value.outcome.rest : undefined,
    "standing" in value ? value.standing : undefined,
    "request" in value ? value.request : undefined,
    "rest" in value ? value.rest : undefined,
  ].filter((part) => part !== undefined)
  return inner.length === 0 ? value._tag : `${value._tag}(${inner.join(", ")})`
}

/** What each fact does to each state; facts that change nothing are left out. */
const table = () =>
  states.flatMap((state) =>
    facts.flatMap((fact) => {
      const next = decide(state, fact)
      return next === state ? [] : [`${short(state)} + ${short(fact)} -> ${short(next)}`]
    }),
  )

const says = (standing: RequestStanding) => PurchaseFact.ChainSays({ standing })

describe("PurchaseMachine.decide", () => {
  it("is the table of PurchaseMachine.table.txt: all states against all facts", () =>
    expect(`${table().join("\n")}\n`).toMatchFileSnapshot("./PurchaseMachine.table.txt"))

  it("never leaves an end", () => {
    for (const state of ends) for (const fact of facts) assert.strictEqual(decide(state, fact), state)
  })

  it("changes nothing when the same fact comes twice", () => {
    for (const state of states) {
      for (const fact of facts) {
        const once = decide(state, fact)
        assert.strictEqual(decide(once, fact), once, `${short(state)} + ${short(fact)}`)
      }
    }
  })

  it("goes where the chain says, wherever it is", () => {
    for (const state of running) {
      assert.strictEqual(decide(state, says("Started"))._tag, "Started")
      for (const request of requests) {
        assert.deepStrictEqual(decide(state, says(request)), PurchaseState.Refunding({ request }))
      }
    }
  })

  it("ends no purchase of a request that is over before all is back that can be had back", () => {
    for (const state of running) {
      for (const fact of facts) {
        const refunded = state._tag === "Refunding" && fact._tag === "Refunded"
        const refused = state._tag === "Pending" && fact._tag === "Refused"
        assert.strictEqual(
          decide(state, fact)._tag === "Ended",
          refunded || refused,
          `${short(state)} + ${short(fact)}`,
        )
      }
    }
  })
})

describe("PurchaseMachine.work", () => {
  it("sends the request while it is pending and takes back what it can when it is over; nothing else", () => {
    const works = states.flatMap((state) => {
      const wanted = work(state)
      return wanted === undefined ? [] : [`${short(state)}: ${wanted._tag}`]
    })
    assert.deepStrictEqual(works, ["Pending: Request", ...requests.map((request) => `Refunding(${request}): Refund`)])
  })

  it("is another one for another end, so that a refund that finds another end is begun anew", () => {
    const [one, two] = requests.map((request) => work(PurchaseState.Refunding({ request })))
    assert.isFalse(Equal.equals(one, two))
  })
})

describe("purchaseName", () => {
  it("names what REST shows", () => {
    const names = [
      ...["pending", "submitted", "started"],
      ...["cancelled", "finished", "failed"],
      ...["finished", "finished", "finished", "cancelled", "failed", "failed", "failed", "errored"],
    ]
    assert.deepStrictEqual(states.map(purchaseName), names)
    assert.includeMembers([...PurchaseName.literals], names)
  })

  it("goes with a sentence when something went wrong", () => {
    const wrong = states.filter((state) => Option.isSome(purchaseError(state))).map(short)
    const outcomes = ["Cancelled", ...rests.map((rest) => `Failed, ${rest}`), "Errored"]
    const sad = outcomes.map((outcome) => `Ended(${outcome})`)
    assert.deepStrictEqual(wrong, ["Refunding(Cancelled)", "Refunding(Failed)", ...sad])
    assert.deepStrictEqual(states.map(purchaseError).at(-1), Option.some(detail))
    const claims = ends.filter((state) => Option.exists(purchaseError(state), (text) => text.includes("paid back")))
    assert.deepStrictEqual(claims.map(short), ["Ended(Cancelled)", "Ended(Failed, PaidBack)"])
  })
})
