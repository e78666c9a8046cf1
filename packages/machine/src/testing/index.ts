export * from "./Life.ts"
