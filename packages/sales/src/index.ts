export * from "./SlotStorage.ts"
