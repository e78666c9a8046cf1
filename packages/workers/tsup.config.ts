import { library } from "@pecia/tsup-config"

export default library({ entry: ["src/index.ts", "src/Thread.ts"] })
