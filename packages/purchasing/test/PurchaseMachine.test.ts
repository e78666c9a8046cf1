import { assert, describe, expect, it } from "@effect/vitest"
import { Option } from "effect"
import {
  PurchaseFact,
  PurchaseMachine,
  PurchaseName,
  PurchaseOutcome,
  PurchaseState,
  purchaseError,
  purchaseName,
  RequestStanding,
} from "../src/index.ts"

const { decide, work } = PurchaseMachine
const detail = "broken"

const outcomes = [
  PurchaseOutcome.Finished(),
  PurchaseOutcome.Cancelled(),
  PurchaseOutcome.Failed(),
  PurchaseOutcome.Errored({ detail }),
]
const running = [PurchaseState.Pending(), PurchaseState.Submitted(), PurchaseState.Started(), PurchaseState.Refunding()]
const ends = outcomes.map((outcome) => PurchaseState.Ended({ outcome }))
const states = [...running, ...ends]
const facts = [
  ...RequestStanding.literals.map((standing) => PurchaseFact.ChainSays({ standing })),
  PurchaseFact.Requested(),
  PurchaseFact.Refused({ detail }),
  PurchaseFact.Refunded(),
]

const short = (value: PurchaseState | PurchaseFact): string => {
  const inner = "outcome" in value ? value.outcome._tag : "standing" in value ? value.standing : undefined
  return inner === undefined ? value._tag : `${value._tag}(${inner})`
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
      assert.strictEqual(decide(state, says("Cancelled"))._tag, "Refunding")
      assert.deepStrictEqual(
        decide(state, says("Finished")),
        PurchaseState.Ended({ outcome: PurchaseOutcome.Finished() }),
      )
      assert.deepStrictEqual(decide(state, says("Failed")), PurchaseState.Ended({ outcome: PurchaseOutcome.Failed() }))
    }
  })

  it("calls no purchase cancelled before its price is back", () => {
    const cancelled = PurchaseState.Ended({ outcome: PurchaseOutcome.Cancelled() })
    for (const state of running) {
      for (const fact of facts) {
        const refunded = state._tag === "Refunding" && fact._tag === "Refunded"
        if (!refunded) assert.notDeepEqual(decide(state, fact), cancelled)
      }
    }
  })
})

describe("PurchaseMachine.work", () => {
  it("sends the request while it is pending and takes the price back when it has expired; nothing else", () => {
    const works = states.flatMap((state) => {
      const wanted = work(state)
      return wanted === undefined ? [] : [`${short(state)}: ${wanted._tag}`]
    })
    assert.deepStrictEqual(works, ["Pending: Request", "Refunding: Refund"])
  })
})

describe("purchaseName", () => {
  it("names what REST shows", () => {
    const names = ["pending", "submitted", "started", "cancelled", "finished", "cancelled", "failed", "errored"]
    assert.deepStrictEqual(states.map(purchaseName), names)
    assert.includeMembers([...PurchaseName.literals], names)
  })

  it("goes with a sentence when something went wrong", () => {
    assert.deepStrictEqual(states.map(purchaseError).map(Option.isSome), [
      false,
      false,
      false,
      true,
      false,
      true,
      true,
      true,
    ])
    assert.deepStrictEqual(ends.map(purchaseError).at(3), Option.some(detail))
  })
})
