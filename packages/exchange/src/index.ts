export * from "./Exchange.ts"
export * from "./ExchangeError.ts"
export * from "./MemoryNetwork.ts"
export { PeerKey } from "./PeerKey.ts"
