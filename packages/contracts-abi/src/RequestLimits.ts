/** The most that the contract takes of a request; above that, `requestStorage` refuses it. */
export const RequestLimits = {
  slots: 65_535n,
  /** Bytes. */
  slotSize: 2n ** 64n - 1n,
  /** Token base units per second per slot. */
  reward: 2n ** 128n - 1n,
  proofProbability: 2n ** 64n - 1n,
  /** Seconds. */
  duration: 2n ** 32n - 1n,
  /** Of cid, u, publicKey and name together: a request is kept as contract code, of 24,576 bytes at most with a head of 152. */
  contentBytes: 24_424,
} as const

/** The most that the offer market takes of an open request or an offer; above that, it refuses them. */
export const OpenRequestLimits = {
  /** Seconds. */
  duration: 2n ** 32n - 1n,
  /** Token base units for the whole duration. */
  maxPrice: 2n ** 128n - 1n,
  /** Unix seconds. */
  expiry: 2n ** 40n - 1n,
  proofProbability: 2n ** 64n - 1n,
} as const
