export * as ClockTest from "./ClockTest.ts"
