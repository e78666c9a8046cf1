/** Keeps values under their keys until their weights exceed a limit together: then those go that were not used for longest. */
export const makeLeastRecent = <A>(limit: number, weightOf: (value: A) => number) => {
  const values = new Map<string, A>() // in the order of their last use
  let weight = 0
  const remove = (key: string) => {
    const value = values.get(key)
    if (value === undefined || !values.delete(key)) return
    weight -= weightOf(value)
  }
  return {
    get: (key: string): A | undefined => {
      const value = values.get(key)
      if (value !== undefined && values.delete(key)) values.set(key, value)
      return value
    },
    set: (key: string, value: A): void => {
      remove(key)
      values.set(key, value)
      weight += weightOf(value)
      for (const oldest of values.keys()) {
        if (weight <= limit) return
        remove(oldest)
      }
    },
  }
}
