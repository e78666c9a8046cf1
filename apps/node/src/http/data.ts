import { Api, type DataItem } from "@pecia/api"
import {
  BlockSource,
  BlockStore,
  type Cid,
  type Dataset,
  DatasetCar,
  Datasets,
  isDataCid,
  isNodeCid,
} from "@pecia/datasets"
import { Reservations } from "@pecia/reservations"
import { Effect, FiberMap, Option, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { LongSteps } from "../LongSteps.ts"
import { begun, importDataset, Retrieval } from "../Retrieval.ts"
import { badRequest, cidFrom, internal, notFound, overQuota, unprocessable } from "./answers.ts"
import { dispositionOf, filenameIn, invalidLabel, mimetypeIn } from "./fileLabels.ts"

const itemOf = ({ cid, manifest }: Dataset): DataItem => ({
  cid: `${cid}`,
  manifest: {
    treeCid: `${manifest.content}`,
    datasetSize: manifest.sizeBytes,
    blockSize: BigInt(manifest.blockSizeBytes),
    protected: false,
    filename: manifest.filename,
    mimetype: manifest.mimetype,
  },
})

/** A stranger's page must not act in this node's name. */
const strangers = { "content-security-policy": "sandbox", "x-content-type-options": "nosniff" }

const carType = "application/vnd.ipld.car"
const isCar = (contentType = "") => contentType.split(";")[0]?.trim().toLowerCase() === carType

/** All blocks of a dataset, as other tools read them. */
const carResponse = <E>(cid: Cid, source: BlockSource<E>) =>
  Effect.map(begun(DatasetCar.write(cid, source)), (bytes) =>
    HttpServerResponse.stream(bytes, {
      contentType: carType,
      headers: { ...strangers, "content-disposition": `attachment; filename="${cid}.car"` },
    }),
  )

/** One block of a file. */
const blockResponse = <E>(cid: Cid, source: BlockSource<E>) =>
  Effect.map(Stream.mkUint8Array(Stream.map(source([cid]), ({ bytes }) => bytes)), (bytes) =>
    HttpServerResponse.uint8Array(bytes, { headers: strangers }),
  )

/** A block of data, or a node of a file: what is no dataset, nor a layout of one. */
const isPiece = (cid: Cid) => isDataCid(cid) || isNodeCid(cid)

/** The body with the headers of a file: its type, its length, its name. */
const fileResponse = <E>({ manifest }: Dataset, bytes: Stream.Stream<Uint8Array, E>) =>
  HttpServerResponse.stream(bytes, {
    contentType: manifest.mimetype ?? "application/octet-stream",
    contentLength: Number(manifest.sizeBytes),
    headers: {
      ...strangers,
      ...(manifest.filename === null ? {} : { "content-disposition": dispositionOf(manifest.filename) }),
    },
  })

const asNotFound = (error: { readonly message: string }) => Effect.fail(notFound(error))
const asUnprocessable = (error: { readonly message: string }) => Effect.fail(unprocessable(error))

/** What can be wrong with a dataset that should be here. */
const readErrors = (cid: Cid) => ({
  BlockNotFound: () =>
    asNotFound({
      message: `Dataset ${cid} is not complete at this node; other nodes are asked at /data/${cid}/network.`,
    }),
  BlockCorrupt: asNotFound,
  InvalidManifest: asUnprocessable,
  BlockStoreError: internal,
})

/** What can be wrong with a dataset that others may have. */
const retrievalErrors = {
  BlocksUnavailable: asNotFound,
  TooFewSlots: asNotFound,
  UnknownCodec: asUnprocessable,
  InvalidManifest: asUnprocessable,
  BlockStoreError: internal,
}

export const dataHandlers = HttpApiBuilder.group(
  Api,
  "data",
  Effect.fn(function* (handlers) {
    const datasets = yield* Datasets
    const store = yield* BlockStore
    const here = BlockSource.fromStore(store)
    const retrieval = yield* Retrieval
    const steps = yield* LongSteps
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

        progress: Effect.fn(function* ({ query: { subject } }) {
          const reports = Stream.map(yield* steps.reports, ({ totalBytes = null, ...report }) => ({
            ...report,
            totalBytes,
          }))
          return subject === undefined ? reports : Stream.filter(reports, (one) => one.subject === subject)
        }),

        download: Effect.fn(function* ({ params, query }) {
          const cid = yield* cidFrom(params.cid)
          return yield* Effect.gen(function* () {
            if (query.format === "car") return yield* carResponse(cid, here)
            if (isPiece(cid)) return yield* blockResponse(cid, here)
            const manifest = yield* datasets.manifest(cid)
            return fileResponse({ cid, manifest }, yield* begun(datasets.read(cid)))
          }).pipe(Effect.catchTags(readErrors(cid)))
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
            importDataset(found).pipe(
              steps.about(`${found.cid}`),
              Effect.catchCause((cause) => Effect.logWarning(`Dataset ${found.cid} was not fetched`, cause)),
              Effect.provideContext(context),
            ),
            { onlyIfMissing: true },
          )
          return itemOf(found)
        }),

        streamData: Effect.fn(function* ({ params, query }) {
          const cid = yield* cidFrom(params.cid)
          return yield* Effect.gen(function* () {
            if (isPiece(cid) && query.format !== "car") return yield* blockResponse(cid, retrieval.source(cid))
            const found = yield* retrieval.dataset(cid)
            if (query.format === "car")
              return yield* carResponse(found.cid, retrieval.source(found.layouts[0] ?? found.cid))
            return fileResponse(found, yield* retrieval.open(found))
          }).pipe(Effect.catchTags(retrievalErrors))
        }),

        fetchManifest: Effect.fn(function* ({ params }) {
          const cid = yield* cidFrom(params.cid)
          return itemOf(yield* Effect.catchTags(retrieval.dataset(cid), retrievalErrors))
        }),
      })
      .handleRaw("upload", ({ request, headers }) =>
        Effect.gen(function* () {
          const type = request.headers["content-type"]
          if (isCar(type)) return yield* datasets.importCar(request.stream)
          const filename = yield* filenameIn(headers["content-disposition"])
          const mimetype = yield* mimetypeIn(type)
          return yield* datasets
            .upload(request.stream, {
              ...(Option.isSome(filename) ? { filename: filename.value } : {}),
              ...(Option.isSome(mimetype) ? { mimetype: mimetype.value } : {}),
            })
            .pipe(Effect.catchTag("InvalidLabel", (error) => Effect.fail(invalidLabel(error, type ?? ""))))
        }).pipe(
          Effect.map(({ cid }) => `${cid}`),
          Effect.catchTags({
            SpaceExhausted: (error) => Effect.fail(overQuota(error)),
            DatasetTooLarge: asUnprocessable,
            InvalidCar: asUnprocessable,
            InvalidManifest: asUnprocessable,
            HttpServerError: () =>
              Effect.fail(badRequest({ message: "The upload broke off before its end; nothing of it was kept." })),
            BlockStoreError: internal,
            SpaceError: internal,
          }),
        ),
      )
  }),
)
