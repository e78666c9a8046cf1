import { assert, describe, expect, it } from "@effect/vitest"
import { SaleFact, SaleMachine, SaleOutcome, SaleState, SaleWork, SlotStanding } from "../src/index.ts"
import { facts, outcomes, short, standings, states } from "./samples.ts"

const { decide, work, restName } = SaleMachine

/** What each fact does to each state; facts that change nothing are left out. */
const table = () =>
  states.flatMap((state) =>
    facts.flatMap((fact) => {
      const next = decide(state, fact)
      return next === state ? [] : [`${short(state)} + ${short(fact)} -> ${short(next)}`]
    }),
  )

const chainSays = (state: SaleState) =>
  standings.map((standing) => ({ standing, next: decide(state, SaleFact.ChainSays({ standing })) }))

describe("SaleMachine.decide", () => {
  it("is the table of SaleMachine.table.txt: all states against all facts", () =>
    expect(`${table().join("\n")}\n`).toMatchFileSnapshot("./SaleMachine.table.txt"))

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

  it("never clears nor ends while the chain says that the slot is ours", () => {
    for (const state of states.filter(({ _tag }) => _tag !== "Ended")) {
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag === "Mine") assert.notInclude(["Clearing", "Ended"], next._tag, short(state))
      }
    }
  })

  it("collects a waiting share from wherever it is", () => {
    for (const state of states.filter(({ _tag }) => _tag !== "Ended" && _tag !== "Restoring")) {
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag === "Payable") assert.strictEqual(next._tag, "Payout", short(state))
      }
    }
  })

  it("drops a slot that another host has, whatever it was doing", () => {
    for (const state of states.filter(({ _tag }) => _tag !== "Ended" && _tag !== "Restoring")) {
      for (const { standing, next } of chainSays(state)) {
        if (standing._tag === "Taken") assert.strictEqual(next._tag, "Clearing", short(state))
      }
    }
  })

  it("clears to the outcome for which it clears", () => {
    for (const outcome of outcomes) {
      assert.deepStrictEqual(decide(SaleState.Clearing({ outcome }), SaleFact.Cleared()), SaleState.Ended({ outcome }))
    }
  })

  it("proves anew when the challenge has moved, but gives up after 35 proofs", () => {
    let state: SaleState = SaleState.InitialProving({ attempt: 1, notBefore: 0n })
    let proofs = 0
    while (state._tag === "InitialProving") {
      proofs += 1
      state = decide(state, SaleFact.Proven({ proof: new Uint8Array([1]), challenge: `0x${proofs}` }))
      state = decide(state, SaleFact.ProofOutdated())
    }
    assert.strictEqual(proofs, 35)
    assert.strictEqual(short(state), "Clearing(Errored)")
  })

  it("gives up at once when a proof of the challenge that holds is refused", () => {
    const state = SaleState.Filling({ attempt: 1, proof: new Uint8Array([1]), challenge: "0x01" })
    assert.deepStrictEqual(
      decide(state, SaleFact.ProofRefused({ detail: "refused" })),
      SaleState.Clearing({ outcome: SaleOutcome.Errored({ detail: "refused" }) }),
    )
  })

  it("comes back to hosting when a reorganisation undoes the end of the request", () => {
    const standing = SlotStanding.Mine({ started: true })
    assert.deepStrictEqual(
      decide(SaleState.Payout({ request: "Finished" }), SaleFact.ChainSays({ standing })),
      SaleState.Hosting({ started: true }),
    )
  })
})

describe("SaleMachine.work", () => {
  it("is something in every state but hosting and the end", () => {
    for (const state of states) {
      const idle = state._tag === "Hosting" || state._tag === "Ended"
      assert.strictEqual(work(state) === undefined, idle, short(state))
    }
  })

  it("is not begun anew by a state that asks for the same", () => {
    assert.deepStrictEqual(work(SaleState.Downloading({ mine: false })), work(SaleState.Downloading({ mine: true })))
    assert.deepStrictEqual(work(SaleState.Payout({ request: "Cancelled" })), SaleWork.PayOut())
  })
})

describe("SaleMachine.restName", () => {
  it("names what REST shows", () => {
    const names = states.map((state) => `${short(state)}: ${restName(state)}`)
    assert.deepStrictEqual(names, [
      "Restoring: SaleUnknown",
      "Reserving: SalePreparing",
      "Reserving(mine): SalePreparing",
      "Downloading: SaleDownloading",
      "Downloading(mine): SaleDownloading",
      "InitialProving: SaleInitialProving",
      "Filling: SaleFilling",
      "Filling(attempt 35): SaleFilling",
      "Hosting: SaleFilled",
      "Hosting(started): SaleProving",
      "Payout(Cancelled): SalePayout",
      "Payout(Finished): SalePayout",
      "Payout(Failed): SalePayout",
      ...["Leaving", "Clearing", "Ended"].flatMap((state) => [
        `${state}(Finished): SaleFinished`,
        `${state}(Cancelled): SaleCancelled`,
        `${state}(Cancelled, paid): SaleCancelled`,
        `${state}(Failed): SaleFailed`,
        `${state}(Failed, paid): SaleFailed`,
        `${state}(Lost): SaleIgnored`,
        `${state}(Ignored): SaleIgnored`,
        `${state}(Errored): SaleErrored`,
      ]),
    ])
  })
})
