import type { ViteUserConfig } from "vitest/config"
export declare const project: (test?: ViteUserConfig["test"]) => ViteUserConfig
