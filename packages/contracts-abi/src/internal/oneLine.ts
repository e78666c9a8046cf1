/** A text as part of a sentence; the messages of schemas have several lines. */
export const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ")
