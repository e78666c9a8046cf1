export * from "./Peciad.ts"
