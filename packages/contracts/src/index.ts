export * from "./Artifact.ts"
export * from "./DeployError.ts"
export * from "./MarketplaceDeployment.ts"
