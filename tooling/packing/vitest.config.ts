import { project } from "@pecia/vitest-config"

export default project({ testTimeout: 180_000, hookTimeout: 180_000 })
