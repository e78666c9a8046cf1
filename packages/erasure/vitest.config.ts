import { project } from "@pecia/vitest-config"

export default project()
