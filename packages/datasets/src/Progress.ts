import { Context, Effect } from "effect"

/** How far a long step is. */
export interface ProgressReport {
  readonly step: "upload" | "import" | "lay" | "store" | "read"
  /** Bytes of data dealt with so far, from 0. */
  readonly doneBytes: bigint
  /** Undefined where nobody knows: an upload ends when its stream ends. */
  readonly totalBytes: bigint | undefined
}

/** Whom the steps of `Datasets` and `Slots` tell how far they are, about once a MiB and when they end; nobody, if nothing else is provided. */
export const Progress = Context.Reference<(report: ProgressReport) => Effect.Effect<void>>("@pecia/datasets/Progress", {
  defaultValue: () => () => Effect.void,
})
