import { type Message, serve } from "@pecia/workers/thread"
import { type Batch, type Hashed, hashed } from "../../src/internal/Batch.ts"

serve({
  /** Dies of blocks whose first byte is 66. */
  roots: (batch: Batch): Message<Hashed> => {
    if (new Uint8Array(batch.room)[0] === 66) throw new Error("the thread does not like this block")
    return { value: hashed(batch), moved: [batch.room] }
  },
})
