export * from "./Exchange.ts"
