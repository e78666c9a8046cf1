import { Predicate } from "effect"
import { SqlError } from "effect/sql"

/** What to do about a primary result code of SQLite (sqlite.org/rescode.html). */
const remedies: Readonly<Record<number, string>> = {
  5: "Another process has locked the database; end it or try again.",
  6: "Another statement has locked the table; try again.",
  8: "This user may only read the database; check who owns the file and its folder.",
  11: "The file is damaged; put a copy in its place.",
  13: "The disk is full; make room and try again.",
  14: "Check that the folder exists and that this user may write there.",
  26: "The file is something else; choose another name for the database.",
}

const errcodeOf = (cause: unknown): number | undefined =>
  Predicate.hasProperty(cause, "errcode") && Predicate.isNumber(cause.errcode) ? cause.errcode : undefined

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** `attempt` is what was to be done, as a clause: "The database x.sqlite could not be opened". */
export const sqliteError = (cause: unknown, operation: string, attempt: string): SqlError.SqlError => {
  const errcode = errcodeOf(cause)
  const remedy = errcode === undefined ? undefined : remedies[errcode & 0xff]
  const sentence = `${attempt}: ${messageOf(cause)}`
  const message = remedy === undefined ? sentence : `${sentence}. ${remedy}`
  if (errcode !== undefined && (errcode & 0xff) === 8) {
    return new SqlError.SqlError({ reason: new SqlError.AuthorizationError({ cause, message, operation }) })
  }
  // The classifier of effect/sql reads `errno`, node:sqlite writes `errcode`.
  if (errcode !== undefined && Predicate.isObject(cause)) Object.assign(cause, { errno: errcode })
  return new SqlError.SqlError({ reason: SqlError.classifySqliteError(cause, { message, operation }) })
}
