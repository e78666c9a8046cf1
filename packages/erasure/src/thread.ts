import { type Message, serve } from "@pecia/workers/thread"
import { compute } from "./internal/compute.ts"
import type { Computed, Order } from "./internal/Order.ts"

const tasks = {
  compute: (order: Order): Message<Computed> => {
    const value = compute(order)
    return { value, moved: [value.room, ...value.shards.map((shard) => shard.buffer)] }
  },
}

export type Tasks = typeof tasks

serve(tasks)
