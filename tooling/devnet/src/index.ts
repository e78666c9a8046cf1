export * from "./Devnet.ts"
export * from "./DevnetAccount.ts"
export * from "./DevnetError.ts"
