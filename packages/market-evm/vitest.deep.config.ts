import { project } from "@pecia/vitest-config"

/** What takes too long for every run: `npm run test:deep`. */
export default project({ include: ["test/**/*.deep.ts"] })
