import { assert, describe, expect, it } from "@effect/vitest"
import { BidFact, BidMachine, BidState, BidWork } from "../src/index.ts"
import { facts, outcomes, short, standings, states } from "./samples.ts"

const { decide, work, restName } = BidMachine

/** What each fact does to each state; facts that change nothing are left out. */
const table = () =>
  states.flatMap((state) =>
    facts.flatMap((fact) => {
      const next = decide(state, fact)
      return next === state ? [] : [`${short(state)} + ${short(fact)} -> ${short(next)}`]
    }),
  )

const chainSays = (state: BidState) =>
  standings.map((standing) => ({ standing, next: decide(state, BidFact.ChainSays({ standing })) }))

const going = states.filter(({ _tag }) => _tag !== "Ended" && _tag !== "Restoring")

describe("BidMachine.decide", () => {
  it("is the table of BidMachine.table.txt: all states against all facts", () =>
    expect(`${table().join("\n")}\n`).toMatchFileSnapshot("./BidMachine.table.txt"))

  it("answers with the very same state when nothing changes", () => {
    for (const state of states) {
      for (const fact of facts) {
        const next = decide(state, fact)
        if (short(next) === short(state) && next !== state) assert.notDeepEqual(next, state)
      }
    }
  })

  it("never leaves an end", () => {
    for (const state of states.filter(({ _tag }) => _tag === "Ended")) {
      for (const fact of facts) assert.strictEqual(decide(state, fact), state)
    }
  })

  it("never clears nor ends while the chain says that a contract of ours can be started or runs, unless it was given up", () => {
    for (const state of going) {
      const isGivenUp =
        state._tag === "Clearing" && (state.outcome._tag === "Declined" || state.outcome._tag === "Errored")
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag !== "Selected" && standing._tag !== "Started") continue
        assert.strictEqual(next._tag === "Clearing" || next._tag === "Ended", isGivenUp, short(state))
      }
    }
  })

  it("never breaks off a contract that runs because its data cannot be had", () => {
    for (const state of states) {
      if (work(state)?._tag !== "Store") continue
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag === "Started") assert.deepStrictEqual(work(next), BidWork.Store({ started: true }))
      }
    }
  })

  it("collects what is payable from wherever it is; of a failed contract, once", () => {
    for (const state of going) {
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag !== "Payable") continue
        const wasPaid = short(state) === "Clearing(Failed)" && standing.contract === "Failed"
        assert.strictEqual(next._tag, wasPaid ? "Clearing" : "Payout", short(state))
      }
    }
  })

  it("holds no space for a request that is taken, over or unknown", () => {
    for (const state of going) {
      for (const { standing, next } of chainSays(state)) {
        if (["Taken", "Over", "Unknown", "Released"].includes(standing._tag)) {
          assert.strictEqual(next._tag, "Clearing", short(state))
        }
      }
    }
  })

  it("releases a contract that was not started in time from wherever it is", () => {
    for (const state of going) {
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag === "Late") assert.strictEqual(next._tag, "Releasing", short(state))
      }
    }
  })

  it("clears to the outcome for which it clears", () => {
    for (const outcome of outcomes) {
      assert.deepStrictEqual(decide(BidState.Clearing({ outcome }), BidFact.Cleared()), BidState.Ended({ outcome }))
    }
  })

  it("leads nowhere in a circle: no state goes on to itself by way of others without a work that was done", () => {
    for (const standing of standings) {
      const fact = BidFact.ChainSays({ standing })
      for (const state of states) {
        const settled = decide(decide(state, fact), fact)
        assert.strictEqual(decide(settled, fact), settled, `${short(state)} + ${short(standing)}`)
      }
    }
  })
})

describe("BidMachine.work", () => {
  it("is something in every state but those that wait and the end", () => {
    for (const state of states) {
      const idle = state._tag === "Offered" || state._tag === "Started" || state._tag === "Ended"
      assert.strictEqual(work(state) === undefined, idle, short(state))
    }
  })
})

describe("BidMachine.restName", () => {
  it("names what REST shows", () => {
    const names = states.map((state) => `${short(state)}: ${restName(state)}`)
    assert.deepStrictEqual(names, [
      "Restoring: unknown",
      "Reserving: reserving",
      "Offering: offering",
      "Offered: offered",
      "Recovering: reserving",
      "Recovering(started): reserving",
      "Downloading: downloading",
      "Downloading(started): downloading",
      "Starting: starting",
      "Started: started",
      "Payout(Finished): payout",
      "Payout(Failed): payout",
      "Releasing: notStarted",
      ...["Clearing", "Ended"].flatMap((state) => [
        `${state}(Finished): finished`,
        `${state}(Failed): failed`,
        `${state}(NotSelected): notSelected`,
        `${state}(NotStarted): notStarted`,
        `${state}(Declined): declined`,
        `${state}(Errored): errored`,
      ]),
    ])
  })
})
