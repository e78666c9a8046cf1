/** How long to wait before the first proof is made for so many times: once more at once, then 1, 2, 4 ... 30 seconds. */
export const pauseSeconds = (attempt: number): number => (attempt <= 2 ? 0 : Math.min(2 ** (attempt - 3), 30))
