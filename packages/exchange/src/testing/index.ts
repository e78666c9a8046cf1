export * as ExchangeTest from "./ExchangeTest.ts"
