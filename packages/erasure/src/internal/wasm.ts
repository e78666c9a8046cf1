// The library's WebAssembly, without its JavaScript: that frees the flags which `reconstruct` has freed itself, and so breaks the heap
// as soon as shapes vary. The code checks nothing: what is no code word traps or gives nonsense.
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { ReedSolomonErasure as Library } from "@digitaldefiance/reed-solomon-erasure.wasm"

// Neither the types of the language nor those of Node have it.
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Memory {
    readonly buffer: ArrayBuffer
  }
  class Instance {
    constructor(module: Module)
    readonly exports: Readonly<Record<string, unknown>>
  }
}

let compiled: WebAssembly.Module | undefined

const compile = () => {
  const file = createRequire(import.meta.url).resolve("@digitaldefiance/reed-solomon-erasure.wasm/wasm")
  return new WebAssembly.Module(readFileSync(file))
}

/** Works in its own memory, which grows and never shrinks; after a call that threw, it must not be used again. */
export interface Engine {
  /** The whole memory; another after each of the calls below. */
  readonly bytes: () => Uint8Array
  readonly allocate: (sizeBytes: number) => number
  readonly free: (address: number, sizeBytes: number) => void
  /** Computes the m shards that stand behind k at the address. */
  readonly encode: (address: number, sizeBytes: number, k: number, m: number) => void
  /** Computes the data among k + m shards at the address, of which those that are known stay. */
  readonly reconstruct: (
    address: number,
    sizeBytes: number,
    k: number,
    m: number,
    isKnown: ReadonlyArray<boolean>,
  ) => void
}

export const start = (): Engine => {
  compiled ??= compile()
  const { exports } = new WebAssembly.Instance(compiled)
  const { memory } = exports
  if (!(memory instanceof WebAssembly.Memory)) throw new Error("The erasure code's module has no memory.")

  const call = (name: string, ...args: ReadonlyArray<number>): number => {
    const call = exports[name]
    if (typeof call !== "function") throw new Error(`The erasure code's module has no ${name}.`)
    return call(...args)
  }
  const run = (name: string, ...args: ReadonlyArray<number>): void => {
    const result = call(name, ...args)
    if (result !== Library.RESULT_OK)
      throw new Error(`The erasure code cannot ${name}: ${Library.getResultMessage(result)}.`)
  }
  const bytes = () => new Uint8Array(memory.buffer)
  const allocate = (sizeBytes: number) => call("__wbindgen_malloc", sizeBytes)

  return {
    bytes,
    allocate,
    free: (address, sizeBytes) => void call("__wbindgen_free", address, sizeBytes),
    encode: (address, sizeBytes, k, m) => run("encode", address, sizeBytes, k, m),
    reconstruct: (address, sizeBytes, k, m, isKnown) => {
      const flags = allocate(isKnown.length)
      bytes().set(isKnown.map(Number), flags)
      run("reconstruct", address, sizeBytes, k, m, flags, isKnown.length)
    },
  }
}
