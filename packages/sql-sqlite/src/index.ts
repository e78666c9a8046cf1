export * as SqliteClient from "./SqliteClient.ts"
export * from "./UnstorableValue.ts"
