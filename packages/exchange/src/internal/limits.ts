/** Blocks in one request. */
export const batchBlocksMax = 64

/** The most bytes that one honest reply has, and so the most that is kept unread of any: 64 data blocks or four of metadata. */
export const batchBytesMax = 4_194_304

/** Requests of one `fetch` that are under way at the same time: 256 data blocks. */
export const batchesInFlight = 4

/** Requests to one peer that are under way at the same time, of all fetches together. */
export const requestsPerPeer = 4

/** Requests of one peer that are answered at the same time; more are refused. */
export const requestsFromPeer = 8

/** What is read and sent at once: so many bytes of blocks, or one block that is larger. */
export const chunkBytesMax = 262_144

/** Bytes of blocks that were read for one peer and that it has not taken yet, of all its requests; a larger block is alone. */
export const unsentBytesOfPeer = 1_048_576

/** Chunks that are read at the same time, of all peers; they get their turns in the order of asking. */
export const chunksRead = 4

/** How long a connection may take to be made, or a stream to be opened. */
export const openTimeout = "10 seconds"

/** How long a peer may send, or take, no byte at all. */
export const silenceTimeout = "15 seconds"

/** How long one request may take, however slowly its bytes drip in. */
export const requestTimeout = "2 minutes"

/** How long a peer that lied is not talked to. */
export const banDuration = "1 day"

/** Peers whose lies are remembered; of more, the first are forgotten. */
export const bansMax = 10_000

/** Connections that are made because mDNS told of somebody stop at so many; more that are under way than that are not begun. */
export const peersMetMax = 50
export const meetingsMax = 8

/** How long a search for the peers that announced something takes, and how many of them it calls. */
export const searchTimeout = "10 seconds"
export const searchPeersMax = 8

/** What others may have a node remember about who has what, and who is where; the oldest are forgotten. */
export const providerRecordsMax = 32_768
export const peerRecordsMax = 4_096

/** What is announced is announced again after this time, a failed attempt after that, and so many at the same time. */
export const announceInterval = "15 minutes"
export const announceRetryInterval = "10 seconds"
export const announceTimeout = "2 minutes"
export const announcementsInFlight = 4
