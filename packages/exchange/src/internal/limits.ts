/** Blocks in one request. */
export const batchBlocksMax = 16

/** The most bytes that one honest reply has, and so the most that is kept unread of any: 16 data blocks or one of metadata. */
export const batchBytesMax = 1_048_576

/** Requests of one `fetch` that are under way at the same time: 64 data blocks. */
export const batchesInFlight = 4

/** Requests to one peer that are under way at the same time, of all fetches together. */
export const requestsPerPeer = 4

/** Requests of one peer that are answered at the same time; more are refused. */
export const requestsFromPeer = 8

/** Requests of all peers that are answered at the same time; more wait. */
export const requestsServed = 64

/** How long a connection may take to be made, or a stream to be opened. */
export const openTimeout = "10 seconds"

/** How long a peer may send, or take, no byte at all. */
export const silenceTimeout = "15 seconds"

/** How long one request may take, however slowly its bytes drip in. */
export const requestTimeout = "2 minutes"
