import type { IncomingMessage } from "node:http";

/** A body that is not read to its end. */
export class BadBody extends Error {
  override readonly name = "BadBody";
  readonly code: "too_large" | "cut_off";

  constructor(code: "too_large" | "cut_off") {
    super(code);
    this.code = code;
  }
}

/** A body of no more than so many bytes; of what it says of its length it is believed that it is too long. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw new BadBody("too_large");
  const body = await chunksOf(request, mostBytes).catch(() => {
    throw new BadBody("cut_off");
  });
  if (body !== null) return body;
  // The rest is thrown away as it comes, so that the connection can be used for others.
  request.resume();
  throw new BadBody("too_large");
}

/** Null for too many. */
async function chunksOf(request: IncomingMessage, mostBytes: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // A loop over the request that is left early would end its connection, and with it the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
