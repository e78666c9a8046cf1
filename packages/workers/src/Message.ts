/** A value on its way to a thread or back. It is copied as `structuredClone` does, so it is plain data. */
export interface Message<A> {
  readonly value: A
  /** Buffers in `value` that go over without being copied: the sender has them no more. */
  readonly moved?: ReadonlyArray<ArrayBuffer>
}

/** What a thread can do. A task answers at once or throws, which ends its thread: what it may refuse is part of its answer. */
export type Tasks = Readonly<Record<string, (input: never) => Message<unknown>>>
