/** The most that the contract takes of a request; above that, `requestStorage` refuses it. */
export const RequestLimits = {
  slots: 65_535n,
  /** Bytes. */
  slotSize: 2n ** 64n - 1n,
  /** Token base units per second per slot. */
  reward: 2n ** 128n - 1n,
  proofProbability: 2n ** 64n - 1n,
  /** Unix seconds: the latest end, which is the time of the request plus its duration. */
  end: 2n ** 40n - 1n,
  /** Of cid, u, publicKey and name together: a request is kept as contract code, of 24,576 bytes at most with a head of 153. */
  contentBytes: 24_423,
} as const
