import { app } from "@pecia/tsup-config"

export default app()
