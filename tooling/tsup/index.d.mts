import type { Options } from "tsup"
export declare const library: (options?: Options) => Options
export declare const app: (options?: Options) => Options
