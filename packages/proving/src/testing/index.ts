export * from "./ProverBed.ts"
export * from "./ProverTest.ts"
