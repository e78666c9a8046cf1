import { project } from "@pecia/vitest-config"

export default project({ testTimeout: 120_000 })
