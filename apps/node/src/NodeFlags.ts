import { Config, Schema, SchemaGetter } from "effect"
import { Flag } from "effect/cli"
import { discoveries, type NodeConfig, roles } from "./NodeConfig.ts"

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

/** Some of these names with commas between them, or none. */
const someOf = <const Name extends string>(names: ReadonlyArray<Name>) => {
  const isSome = (text: string) =>
    text === "none" ||
    text.split(",").every((word, at, all) => names.some((name) => name === word) && all.indexOf(word) === at)
  return Schema.String.check(
    Schema.makeFilter(
      (text: string) =>
        isSome(text) || `"${text}" is not none, nor some of these with commas between them: ${names.join(", ")}`,
    ),
  ).pipe(
    Schema.decodeTo(Schema.Array(Schema.Literals(names)), {
      decode: SchemaGetter.transform((text: string) => names.filter((name) => text.split(",").includes(name))),
      encode: SchemaGetter.transform((some: ReadonlyArray<Name>) => some.join(",") || "none"),
    }),
  )
}

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
  roles: text("roles", "PECIA_ROLES", "client, host, validator with commas between them, or none").pipe(
    Flag.withDefault("client"),
    Flag.withSchema(someOf(roles)),
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
  discovery: text(
    "discovery",
    "PECIA_DISCOVERY",
    "Ways to find other nodes: local, routing with a comma between, or none",
  ).pipe(Flag.withDefault("local,routing"), Flag.withSchema(someOf(discoveries))),
  network: text("network", "PECIA_NETWORK", "Nodes of another network name are not found").pipe(
    Flag.withDefault("pecia"),
    Flag.withSchema(
      Schema.String.check(Schema.isPattern(/^[a-z0-9-]{1,40}$/, { message: "1 to 40 of a-z, 0-9 and -" })),
    ),
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
  exchange: { listen: [flags.listen], peers: flags.peer, discovery: flags.discovery, network: flags.network },
  chain: chainConfig(flags),
  quotaBytes: flags.storageQuota,
  marginPercent: BigInt(flags.margin),
})
