import { Schema } from "effect"

/** Nothing that speaks JSON-RPC answers at the URL. */
export class NoChain extends Schema.TaggedError<NoChain>()("NoChain", {
  /** Without user, password, path and query, in which providers put their keys. */
  url: Schema.String,
}) {
  override get message() {
    return `No chain answers at ${this.url}. Start a devnet there, or name the URL of one.`
  }
}

/** The private key is not 32 bytes of hex. It is not repeated here. */
export class MalformedPrivateKey extends Schema.TaggedError<MalformedPrivateKey>()("MalformedPrivateKey", {}) {
  override get message() {
    return "The private key to deploy with is malformed: it takes 0x and 64 hex digits."
  }
}

/** The marketplace looks 256 blocks back, and there are not as many yet. */
export class ChainTooShort extends Schema.TaggedError<ChainTooShort>()("ChainTooShort", {
  blockNumber: Schema.Number,
  /** How many more blocks it takes. */
  missingBlocks: Schema.Number,
}) {
  override get message() {
    return `The chain is at block ${this.blockNumber}, and a marketplace can only be created above block 256. Mine ${this.missingBlocks} more (on anvil: anvil_mine), then deploy again.`
  }
}

/** The chain refused to create the contract; `reason` is its own sentence. */
export class ContractRefused extends Schema.TaggedError<ContractRefused>()("ContractRefused", {
  contract: Schema.String,
  account: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `The chain did not take ${this.contract} from account ${this.account}: ${this.reason}. Check that the account can pay for gas and that the configuration makes sense.`
  }
}

/** The deployment file could not be written; `reason` is the file system's sentence. */
export class DeploymentNotWritten extends Schema.TaggedError<DeploymentNotWritten>()("DeploymentNotWritten", {
  path: Schema.String,
  reason: Schema.String,
}) {
  override get message() {
    return `The deployment could not be written to ${this.path}: ${this.reason}. Check that the folder exists and may be written to.`
  }
}

export type DeployError = NoChain | MalformedPrivateKey | ChainTooShort | ContractRefused
