import { Schema } from "effect"

/** Why a call was not answered. It is a defect, not an error: the thread's code, or what it was sent, is broken. */
export class WorkerDied extends Schema.TaggedError<WorkerDied>()("WorkerDied", {
  /** The URL of the thread's file. */
  file: Schema.String,
  exitCode: Schema.Int,
  /** What ended it: what a task or the loading of the file threw. Undefined if it ended itself or was ended. */
  cause: Schema.Defect(),
}) {
  override get message() {
    const why = this.cause instanceof Error ? this.cause.message : `exit code ${this.exitCode}`
    return `The worker thread of ${this.file} ended before it answered: ${why}`
  }
}
