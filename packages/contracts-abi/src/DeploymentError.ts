import { Schema } from "effect"

/** The file of addresses cannot be read at all. */
export class DeploymentUnreadable extends Schema.TaggedError<DeploymentUnreadable>()("DeploymentUnreadable", {
  path: Schema.String,
  detail: Schema.String,
}) {
  override get message() {
    return `The deployment file ${this.path} cannot be read (${this.detail}); name the file of addresses that deploying wrote.`
  }
}

/** The file is no JSON object of addresses. */
export class DeploymentMalformed extends Schema.TaggedError<DeploymentMalformed>()("DeploymentMalformed", {
  source: Schema.String,
  problem: Schema.Literals(["NotJson", "Shape", "Address"]),
  detail: Schema.String,
}) {
  override get message() {
    const remedy = 'it has to look like {"contracts": {"Marketplace": {"address": "0x..."}}}'
    return `The deployment in ${this.source} cannot be understood (${this.detail}); ${remedy}.`
  }
}

/** The deployment does not have the contract that is needed. */
export class ContractNotDeployed extends Schema.TaggedError<ContractNotDeployed>()("ContractNotDeployed", {
  source: Schema.String,
  contract: Schema.String,
}) {
  override get message() {
    return `The deployment in ${this.source} has no contract ${this.contract}; deploy it, or name another deployment file.`
  }
}

/** The deployment was made on another chain than the one we are connected to. */
export class DeployedElsewhere extends Schema.TaggedError<DeployedElsewhere>()("DeployedElsewhere", {
  source: Schema.String,
  /** The chain that the deployment names. */
  deployedOn: Schema.BigInt,
  /** The chain that we are connected to. */
  chainId: Schema.BigInt,
}) {
  override get message() {
    return `The deployment in ${this.source} is for chain ${this.deployedOn}, but the chain's node answers for chain ${this.chainId}; change the URL of the chain or the deployment file.`
  }
}

/** No file was named, and nothing is known of this chain. */
export class NoKnownDeployment extends Schema.TaggedError<NoKnownDeployment>()("NoKnownDeployment", {
  chainId: Schema.BigInt,
}) {
  override get message() {
    return `No deployment on chain ${this.chainId} is known; name a deployment file.`
  }
}

export type DeploymentError =
  | DeploymentUnreadable
  | DeploymentMalformed
  | ContractNotDeployed
  | DeployedElsewhere
  | NoKnownDeployment
