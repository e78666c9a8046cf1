import { defineConfig } from "vitest/config"

const conditions = ["@pecia/source"]

/** Tests read workspace packages from their sources, so that nothing has to be built first. */
export const project = (test = {}) =>
  defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: [] } },
    test: {
      include: ["test/**/*.test.ts"],
      passWithNoTests: false,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      // The root commands add up these counts.
      reporters: ["default", ["json", { outputFile: ".vitest/results.json" }]],
      ...test,
    },
  })
