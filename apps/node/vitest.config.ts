import { project } from "@pecia/vitest-config"

// What takes long waits for the blocks of a chain of its own: two such files at a time, however few processors there are.
export default project({ maxWorkers: 2 })
