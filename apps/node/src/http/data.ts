import { Api, type DataItem } from "@pecia/api"
import { BlockStore, type Dataset, Datasets } from "@pecia/datasets"
import { Reservations } from "@pecia/reservations"
import { Effect, FiberMap, Option, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { importDataset, Retrieval } from "../Retrieval.ts"
import { badRequest, cidFrom, internal, notFound, unprocessable } from "./answers.ts"

const itemOf = ({ cid, manifest }: Dataset): DataItem => ({
  cid: `${cid}`,
  manifest: {
    treeCid: `${manifest.tree}`,
    datasetSize: manifest.sizeBytes,
    blockSize: BigInt(manifest.blockSizeBytes),
    protected: false,
    filename: manifest.filename,
    mimetype: manifest.mimetype,
  },
})

/** The body with the headers of a file: its type, its length, its name. */
const fileResponse = <E>({ manifest }: Dataset, bytes: Stream.Stream<Uint8Array, E>) =>
  HttpServerResponse.stream(bytes, {
    contentType: manifest.mimetype ?? "application/octet-stream",
    contentLength: Number(manifest.sizeBytes),
    headers:
      manifest.filename === null
        ? {}
        : { "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(manifest.filename)}` },
  })

/** The file name in a Content-Disposition, percent-encoded or not. */
const filenameIn = (disposition: string | undefined): Option.Option<string> => {
  const [, encoded, quoted] = /filename\*=UTF-8''([^;]+)|filename="?([^";]+)"?/i.exec(disposition ?? "") ?? []
  return Option.map(Option.fromUndefinedOr(encoded ?? quoted), (name) =>
    Option.getOrElse(Option.liftThrowable(decodeURIComponent)(name), () => name),
  )
}

/** What a file is sent under when its sender knows no type. */
const untyped = ["", "application/octet-stream"]

const gone = { BlockNotFound: notFoundError, BlockCorrupt: notFoundError }
function notFoundError(error: { readonly message: string }) {
  return Effect.fail(notFound(error))
}

const readErrors = {
  ...gone,
  InvalidManifest: (error: { readonly message: string }) => Effect.fail(unprocessable(error)),
  BlockStoreError: internal,
}
const retrievalErrors = { ...readErrors, BlocksUnavailable: notFoundError }

export const dataHandlers = HttpApiBuilder.group(
  Api,
  "data",
  Effect.fn(function* (handlers) {
    const datasets = yield* Datasets
    const store = yield* BlockStore
    const retrieval = yield* Retrieval
    const ledger = yield* Reservations
    const imports = yield* FiberMap.make<string>()
    const context = yield* Effect.context<Datasets | Retrieval>()

    return handlers
      .handleAll({
        listData: () =>
          datasets.list.pipe(
            Effect.map((all) => ({ content: all.map(itemOf) })),
            Effect.catch(internal),
          ),

        space: () =>
          Effect.all({ space: ledger.space, volumes: store.volumes }).pipe(
            Effect.map(({ space, volumes }) => ({
              totalBlocks: volumes.reduce((sum, { blocks }) => sum + blocks, 0),
              quotaMaxBytes: space.quotaBytes,
              quotaUsedBytes: space.usedBytes,
              quotaReservedBytes: space.reservedBytes,
            })),
            Effect.catch(internal),
          ),

        download: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          const manifest = yield* Effect.catchTags(datasets.manifest(cid), readErrors)
          const first = yield* Effect.catchTags(datasets.blocks(manifest), readErrors)
          if (first[0] !== undefined) yield* Effect.catchTags(store.get(first[0]), { ...gone, BlockStoreError: internal })
          return fileResponse({ cid, manifest }, datasets.read(cid))
        }),

        deleteData: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          yield* FiberMap.remove(imports, `${cid}`)
          yield* Effect.catch(datasets.remove(cid), internal)
        }),

        fetchData: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          const found = yield* Effect.catchTags(retrieval.dataset(cid), retrievalErrors)
          yield* FiberMap.run(
            imports,
            `${found.cid}`,
            importDataset(found.cid).pipe(
              Effect.catchCause((cause) => Effect.logWarning(`Dataset ${found.cid} was not fetched`, cause)),
              Effect.provideContext(context),
            ),
            { onlyIfMissing: true },
          )
          return itemOf(found)
        }),

        streamData: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          const found = yield* Effect.catchTags(retrieval.dataset(cid), retrievalErrors)
          return fileResponse(found, retrieval.blocks(found.blocks).pipe(Stream.map(({ bytes }) => bytes)))
        }),

        fetchManifest: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          return itemOf(yield* Effect.catchTags(retrieval.dataset(cid), retrievalErrors))
        }),
      })
      .handleRaw("upload", ({ request, headers }) =>
        Effect.gen(function* () {
          const mimetype = request.headers["content-type"] ?? ""
          const dataset = yield* datasets.upload(request.stream, {
            ...Option.match(filenameIn(headers["content-disposition"]), {
              onNone: () => ({}),
              onSome: (filename) => ({ filename }),
            }),
            ...(untyped.includes(mimetype) ? {} : { mimetype }),
          })
          return `${dataset.cid}`
        }).pipe(
          Effect.catchTags({
            SpaceExhausted: (error) => Effect.fail(unprocessable(error)),
            DatasetTooLarge: (error) => Effect.fail(unprocessable(error)),
            InvalidLabel: (error) => Effect.fail(unprocessable(error)),
            HttpServerError: (error) => Effect.fail(badRequest(error)),
            BlockStoreError: internal,
            SpaceError: internal,
          }),
        ),
      )
  }),
)
