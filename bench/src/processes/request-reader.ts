const END_OF_HEAD = "\r\n\r\n";

export interface ReadRequest {
  /** The request line and the headers. */
  readonly head: string;
  /** Of head and body together. */
  readonly bytes: number;
}

/** Cuts what comes on one connection into requests, and looks no closer than it must: it shares a machine with what is measured. */
export class RequestReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The requests that are whole with this. */
  read(chunk: Buffer): readonly ReadRequest[] {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const requests: ReadRequest[] = [];
    for (;;) {
      const end = rest.indexOf(END_OF_HEAD);
      if (end < 0) break;
      const head = rest.toString("latin1", 0, end);
      const bytes = end + END_OF_HEAD.length + Number(headerOf(head, "content-length") ?? 0);
      if (rest.length < bytes) break;
      requests.push({ head, bytes });
      rest = rest.subarray(bytes);
    }
    this.#rest = rest;
    return requests;
  }
}

/** A header by its name, which is sent as it stands here. */
export function headerOf(head: string, name: string): string | undefined {
  const start = head.indexOf(`\r\n${name}: `);
  if (start < 0) return undefined;
  const from = start + name.length + 4;
  const end = head.indexOf("\r\n", from);
  return head.slice(from, end < 0 ? undefined : end);
}
