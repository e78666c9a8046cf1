import { Config, Schema, SchemaGetter } from "effect"
import { Flag } from "effect/cli"
import type { NodeConfig, Role } from "./NodeConfig.ts"

// The flags of `peciad`; each can come from an environment variable too.

const text = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} [${variable}]`),
    Flag.withFallbackConfig(Config.String(variable)),
  )

const whole = (
  name: string,
  variable: string,
  description: string,
  fallback: number,
  { minimum = 0, maximum = 2 ** 31 - 1 }: { readonly minimum?: number; readonly maximum?: number } = {},
) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`${description} [${variable}]`),
    Flag.withFallbackConfig(Config.Int(variable)),
    Flag.withDefault(fallback),
    Flag.withSchema(
      Schema.Int.check(Schema.isBetween({ minimum, maximum }, { message: `a number from ${minimum} to ${maximum}` })),
    ),
  )

const rolesIn = new Map<string, ReadonlyArray<Role>>([
  ["none", []],
  ["client", ["client"]],
  ["host", ["host"]],
  ["client,host", ["client", "host"]],
  ["host,client", ["client", "host"]],
])

const Roles = Schema.String.check(
  Schema.makeFilter((text: string) => rolesIn.has(text) || `"${text}" is not client, host, client,host or none`),
).pipe(
  Schema.decodeTo(Schema.Array(Schema.Literals(["client", "host"])), {
    decode: SchemaGetter.transform((text: string) => rolesIn.get(text) ?? []),
    encode: SchemaGetter.transform((roles: ReadonlyArray<Role>) => roles.join(",") || "none"),
  }),
)

const Bytes = Schema.String.check(
  Schema.isPattern(/^\d{1,18}$/, { message: "a number of bytes, such as 8589934592" }),
).pipe(
  Schema.decodeTo(Schema.BigInt, {
    decode: SchemaGetter.transform((text: string) => BigInt(text)),
    encode: SchemaGetter.transform((bytes: bigint) => `${bytes}`),
  }),
)

/** Which contract on which chain, and who signs there. */
export const chainFlags = {
  ethProvider: text("eth-provider", "PECIA_ETH_PROVIDER", "URL of a node of the chain").pipe(
    Flag.withDefault("http://127.0.0.1:8545"),
  ),
  ethDeployment: text("eth-deployment", "PECIA_ETH_DEPLOYMENT", "JSON file with the contracts' addresses").pipe(
    Flag.optional,
  ),
  ethKeyFile: text(
    "eth-key-file",
    "PECIA_ETH_KEY_FILE",
    "File of mode 0600 with the private key, which may be in PECIA_PRIVATE_KEY instead",
  ).pipe(Flag.optional),
  ethPollingMillis: whole("eth-polling-millis", "PECIA_ETH_POLLING_MILLIS", "How often to ask for a new block", 1000, {
    minimum: 50,
  }),
}

/** What the node itself does. */
export const nodeFlags = {
  dataDir: text("data-dir", "PECIA_DATA_DIR", "Folder for everything that the node keeps").pipe(
    Flag.withDefault("pecia-data"),
  ),
  roles: text("roles", "PECIA_ROLES", "client, host, client,host, or none").pipe(
    Flag.withDefault("client"),
    Flag.withSchema(Roles),
  ),
  apiPort: whole("api-port", "PECIA_API_PORT", "Port of the REST interface on 127.0.0.1; 0 for any free one", 8080, {
    maximum: 65_535,
  }),
  listen: text("listen", "PECIA_LISTEN", "Multiaddress on which other nodes reach this one").pipe(
    Flag.withDefault("/ip4/0.0.0.0/tcp/8070"),
  ),
  peer: Flag.String("peer").pipe(
    Flag.withDescription("Multiaddress of a node to stay connected with; may be given up to 64 times"),
    Flag.between(0, 64),
  ),
  storageQuota: text("storage-quota", "PECIA_STORAGE_QUOTA", "Bytes that blocks may take on disk").pipe(
    Flag.withDefault("8589934592"),
    Flag.withSchema(Bytes),
  ),
  margin: whole("margin", "PECIA_MARGIN", "Percent that a host adds to the cost of its space when it offers", 10, {
    maximum: 1_000_000,
  }),
}

type FlagValues<Flags> = { readonly [Name in keyof Flags]: Flags[Name] extends Flag.Flag<infer A> ? A : never }

export type ChainFlags = FlagValues<typeof chainFlags>
export type NodeFlags = FlagValues<typeof nodeFlags>

export const chainConfig = (flags: ChainFlags): NodeConfig["chain"] => ({
  url: flags.ethProvider,
  deploymentFile: flags.ethDeployment,
  keyFile: flags.ethKeyFile,
  pollingMillis: flags.ethPollingMillis,
})

export const nodeConfig = (flags: ChainFlags & NodeFlags): NodeConfig => ({
  dataDirectory: flags.dataDir,
  roles: flags.roles,
  api: { port: flags.apiPort },
  exchange: { listen: [flags.listen], peers: flags.peer },
  chain: chainConfig(flags),
  quotaBytes: flags.storageQuota,
  marginPercent: BigInt(flags.margin),
})
