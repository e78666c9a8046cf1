import { library } from "@pecia/tsup-config"

export default library()
