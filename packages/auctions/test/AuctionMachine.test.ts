import { assert, describe, expect, it } from "@effect/vitest"
import { Equal, Option } from "effect"
import {
  AuctionFact,
  AuctionMachine,
  AuctionName,
  AuctionOutcome,
  AuctionStanding,
  AuctionState,
  auctionError,
  auctionName,
  selectedIn,
} from "../src/index.ts"
import { aCandidate, ends, statesWith } from "./samples.ts"

const { decide, work } = AuctionMachine
const candidate = aCandidate(1)
const states = statesWith(candidate)
const running = states.filter(({ _tag }) => _tag !== "Ended")
const over = states.filter(({ _tag }) => _tag === "Ended")

const standings = [
  AuctionStanding.Unknown(),
  AuctionStanding.Open(),
  AuctionStanding.Unsold(),
  AuctionStanding.Selected(candidate),
  AuctionStanding.NotStarted(candidate),
  AuctionStanding.Started({ ...candidate, end: 7n }),
  AuctionStanding.Over(candidate),
  AuctionStanding.Failed(candidate),
  AuctionStanding.Refunded(candidate),
]
const says = (standing: AuctionStanding) => AuctionFact.ChainSays({ standing })
const facts = [
  ...standings.map(says),
  AuctionFact.Requested(),
  AuctionFact.Refused({ detail: "broken" }),
  AuctionFact.Refunded(),
]

const short = (value: AuctionState | AuctionFact): string => {
  if ("end" in value) return `${value._tag}(${value.end._tag})`
  if ("outcome" in value) return `${value._tag}(${value.outcome._tag})`
  return "standing" in value ? `${value._tag}(${value.standing._tag})` : value._tag
}

/** What each fact does to each state; facts that change nothing are left out. */
const table = () =>
  states.flatMap((state) =>
    facts.flatMap((fact) => {
      const next = decide(state, fact)
      return next === state ? [] : [`${short(state)} + ${short(fact)} -> ${short(next)}`]
    }),
  )

describe("AuctionMachine.decide", () => {
  it("is the table of AuctionMachine.table.txt: all states against all facts", () =>
    expect(`${table().join("\n")}\n`).toMatchFileSnapshot("./AuctionMachine.table.txt"))

  it("never leaves an end", () => {
    for (const state of over) for (const fact of facts) assert.strictEqual(decide(state, fact), state)
  })

  it("changes nothing when the same fact comes twice", () => {
    for (const state of states) {
      for (const fact of facts) {
        const once = decide(state, fact)
        assert.strictEqual(decide(once, fact), once, `${short(state)} + ${short(fact)}`)
      }
    }
  })

  it("goes where the chain says, wherever it is, also to another offer than before", () => {
    const other = aCandidate(2)
    for (const state of running) {
      assert.deepStrictEqual(decide(state, says(AuctionStanding.Open())), AuctionState.Open())
      assert.deepStrictEqual(decide(state, says(AuctionStanding.Selected(other))), AuctionState.Selected(other))
      const started = AuctionStanding.Started({ ...other, end: 7n })
      assert.deepStrictEqual(decide(state, says(started)), AuctionState.Started(other))
      const [, notStarted] = ends(other)
      assert.deepStrictEqual(
        decide(state, says(AuctionStanding.NotStarted(other))),
        notStarted && AuctionState.Refunding({ end: notStarted }),
      )
    }
  })

  it("ends no auction before its contract ran to its end or all is back that can be had back", () => {
    for (const state of running) {
      for (const fact of facts) {
        const refunded = state._tag === "Refunding" && fact._tag === "Refunded"
        const refused = state._tag === "Pending" && fact._tag === "Refused"
        const settled =
          fact._tag === "ChainSays" && (fact.standing._tag === "Over" || fact.standing._tag === "Refunded")
        const isEnd = refunded || refused || settled
        assert.strictEqual(decide(state, fact)._tag === "Ended", isEnd, `${short(state)} + ${short(fact)}`)
      }
    }
  })
})

describe("AuctionMachine.work", () => {
  it("sends the request, selects an offer, and takes back what it can when it is over; nothing else", () => {
    const works = states.flatMap((state) => {
      const wanted = work(state)
      return wanted === undefined ? [] : [`${short(state)}: ${wanted._tag}`]
    })
    const refunds = ends(candidate).map(({ _tag }) => `Refunding(${_tag}): Refund`)
    assert.deepStrictEqual(works, ["Pending: Request", "Open: Select", ...refunds])
  })

  it("is another one for another end, so that a refund that finds another end is begun anew", () => {
    const [unsold, notStarted, failed] = ends(candidate).map((end) => work(AuctionState.Refunding({ end })))
    assert.isFalse(Equal.equals(unsold, notStarted))
    assert.isFalse(Equal.equals(notStarted, failed))
  })
})

describe("auctionName", () => {
  it("names what REST shows", () => {
    const refunds = ["unsold", "notStarted", "failed"]
    const names = ["pending", "open", "selected", "started", ...refunds, "finished", ...refunds, "errored"]
    assert.deepStrictEqual(states.map(auctionName), names)
    assert.deepStrictEqual([...new Set(names)].toSorted(), [...AuctionName.literals].toSorted())
  })

  it("goes with a sentence when something went wrong", () => {
    const sentences = states.map((state) => Option.getOrUndefined(auctionError(state)))
    assert.deepStrictEqual(sentences, [
      ...[undefined, undefined, undefined, undefined],
      "No offer was selected before the request expired; everything is being paid back.",
      "The host that was selected did not start before the request expired; everything is being paid back.",
      "The contract failed, because its host lost too much collateral; what the host did not earn is being paid back.",
      undefined,
      "No offer was selected before the request expired; everything was paid back.",
      "The host that was selected did not start before the request expired; everything was paid back.",
      "The contract failed, because its host lost too much collateral; what the host did not earn was paid back.",
      "It's broken; “why” is unknown.",
    ])
  })

  it("goes with the offer that was selected, if one was", () => {
    const without = states.filter((state) => Option.isNone(selectedIn(state))).map(short)
    const unsold = ["Refunding(Unsold)", "Ended(Unsold)", "Ended(Errored)"]
    assert.deepStrictEqual(without, ["Pending", "Open", ...unsold])
    assert.deepStrictEqual(
      selectedIn(AuctionState.Ended({ outcome: AuctionOutcome.Finished(candidate) })),
      Option.some(candidate),
    )
  })
})
