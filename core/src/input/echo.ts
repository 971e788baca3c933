const LONGEST = 64;

/** What a caller said, as it is told in a message: it may be megabytes long and anything but text. */
export function echo(text: string): string {
  return text.length <= LONGEST ? text.toWellFormed() : `${text.slice(0, LONGEST).toWellFormed()}…`;
}
