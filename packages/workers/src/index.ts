export type * from "./Message.ts"
export * from "./WorkerDied.ts"
export * from "./WorkerPool.ts"
