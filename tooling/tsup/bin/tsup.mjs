#!/usr/bin/env node
// tsup wants TypeScript's JavaScript compiler API, which TypeScript 7 (native) does not ship. This workspace pairs tsup
// with TypeScript 6, so that every other package can type-check with TypeScript 7.
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"

const require = createRequire(import.meta.url)
await import(pathToFileURL(join(dirname(require.resolve("tsup/package.json")), "dist/cli-default.js")).href)
