import { type Message, serve } from "@pecia/workers/thread"
import { type Batch, type Hashed, hashed } from "./internal/Batch.ts"

const tasks = {
  roots: (batch: Batch): Message<Hashed> => ({ value: hashed(batch), moved: [batch.room] }),
}

export type Tasks = typeof tasks

serve(tasks)
