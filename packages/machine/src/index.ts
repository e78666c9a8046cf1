export * from "./Machine.ts"
export * from "./Retrying.ts"
export * from "./Settled.ts"
export * from "./Submission.ts"
