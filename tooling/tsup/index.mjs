import { existsSync } from "node:fs"
import { defineConfig } from "tsup"

const entry = ["src/index.ts", "src/testing/index.ts"].filter((file) => existsSync(file))

/**
 * Library preset: ESM and source maps by esbuild, declarations by TypeScript 7.
 * tsup's own `dts` pass needs the TypeScript 6 API and is about eight times slower on Effect types.
 */
export const library = (options = {}) =>
  defineConfig({
    entry,
    format: ["esm"],
    platform: "node",
    target: "node22",
    dts: false,
    sourcemap: true,
    clean: true,
    treeshake: true,
    splitting: true,
    removeNodeProtocol: false,
    onSuccess: "tsc -p tsconfig.build.json",
    ...options,
  })

/** Application preset: no declarations. */
export const app = (options = {}) => library({ entry: ["src/main.ts"], onSuccess: undefined, ...options })
