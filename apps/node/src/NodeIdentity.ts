import { Context } from "effect"
import type { Role } from "./NodeConfig.ts"

/** What a node says of itself. */
export class NodeIdentity extends Context.Service<
  NodeIdentity,
  {
    readonly roles: ReadonlyArray<Role>
    /** The folder with everything that it keeps. */
    readonly dataDirectory: string
  }
>()("@pecia/node/NodeIdentity") {}
