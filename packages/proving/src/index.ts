export * from "./Prover.ts"
