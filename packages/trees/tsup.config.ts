import { library } from "@pecia/tsup-config"

export default library({ entry: ["src/index.ts", "src/testing/index.ts", "src/thread.ts"] })
