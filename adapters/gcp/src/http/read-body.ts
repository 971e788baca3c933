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
  const chunks: Buffer[] = [];
  let bytes = Number(request.headers["content-length"] ?? 0);
  const check = () => {
    if (bytes <= mostBytes) return;
    // The rest is thrown away as it comes, so that the connection can be used for others.
    request.resume();
    throw new BadBody("too_large");
  };
  check();
  bytes = 0;
  try {
    // Left by an error, a loop over the request would end its connection, and with it the answer.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      check();
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof BadBody ? error : new BadBody("cut_off");
  }
  return Buffer.concat(chunks).toString();
}
