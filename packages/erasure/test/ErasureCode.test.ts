import { ErasureCode } from "../src/index.ts"
import { ErasureCodeTest } from "../src/testing/index.ts"

ErasureCodeTest.suite("ErasureCode.layerInThread", ErasureCode.layerInThread)
ErasureCodeTest.suite("ErasureCode.layer", ErasureCode.layer)
ErasureCodeTest.suite("ErasureCode.layerThreads(1)", ErasureCode.layerThreads(1))
