import type { Option } from "effect"

export const roles = ["client", "host", "validator"] as const
export type Role = (typeof roles)[number]

/** Ways to find other nodes, beside those whose address is known: on this network, and through the peers of peers. */
export const discoveries = ["local", "routing"] as const
export type Discovery = (typeof discoveries)[number]

/** How one node is set up. Where it comes from: the flags and environment variables of `peciad` (main.ts). */
export interface NodeConfig {
  /** Everything the node keeps is in this folder. */
  readonly dataDirectory: string
  readonly roles: ReadonlyArray<Role>
  readonly api: {
    /** On the loopback interface; 0 for any free port. */
    readonly port: number
  }
  readonly exchange: {
    /** Multiaddresses to listen on. */
    readonly listen: ReadonlyArray<string>
    /** Multiaddresses of peers to stay connected with. */
    readonly peers: ReadonlyArray<string>
    readonly discovery: ReadonlyArray<Discovery>
    /** Nodes of another name are not found. */
    readonly network: string
  }
  readonly chain: {
    readonly url: string
    /** JSON file of addresses per contract; none for the well-known deployment of the chain. */
    readonly deploymentFile: Option.Option<string>
    /** File of mode 0600 that holds the private key; none for the environment variable. */
    readonly keyFile: Option.Option<string>
    readonly pollingMillis: number
  }
  /** Bytes that blocks of data may take on disk. */
  readonly quotaBytes: bigint
  /** What a host adds to the cost of its space when it offers. */
  readonly marginPercent: bigint
}
