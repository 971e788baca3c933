import { LONGEST_LINE } from "@punctual/core";

const NEWLINE = 0x0a;
/** In UTF-8 a character has three bytes at most for each of its code units. */
const MOST_BYTES = 3 * LONGEST_LINE;
/** What cannot be read as text is no line of JSON either. */
const UNREADABLE = "\ufffd";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The lines of a stream, one at a time: nobody reads on before they are dealt with. Of a line without end little is kept. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer) => {
    if (length <= MOST_BYTES) parts.push(part.subarray(0, MOST_BYTES + 1 - length));
    length += part.length;
  };
  const line = () => {
    const text = read(Buffer.concat(parts));
    [parts, length] = [[], 0];
    return text;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, to));
      yield line();
      from = to + 1;
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  }
  if (length > 0) yield line();
}

function read(bytes: Buffer): string {
  // Too long, and perhaps cut within a character: whoever reads it refuses it for its length.
  if (bytes.length > MOST_BYTES) return bytes.toString("latin1");
  try {
    return utf8.decode(bytes);
  } catch {
    return UNREADABLE;
  }
}
