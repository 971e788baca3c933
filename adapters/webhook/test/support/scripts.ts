import { gzipSync } from "node:zlib";
import type { Script, Wire } from "./scripted-receiver.js";

/** Answers with these lines, and waits for the next request. */
export const says = (...lines: string[]): Script => ({ onRequest: (wire) => wire.write(lines.join("\r\n")) });

/** Answers with these lines, and then does something more. */
export const saysAnd = (lines: readonly string[], then: (wire: Wire) => unknown): Script => ({
  onRequest: (wire) => {
    wire.write(lines.join("\r\n"));
    return then(wire);
  },
});

export const saysAndEnds = (...lines: string[]): Script => saysAnd(lines, (wire) => wire.end());

/** Not before there was time to read the answer, which is lost otherwise. */
export const saysAndResets = (...lines: string[]): Script =>
  saysAnd(lines, async (wire) => {
    await wire.pause(20);
    wire.reset();
  });

/** A status line, headers, and no body. */
export const answers = (code: number | string, ...headers: string[]): Script =>
  says(`HTTP/1.1 ${code} As it is`, ...headers, "content-length: 0", "", "");

/** 100 KB that would be 100 MB. */
export function bomb(): Buffer {
  const part = gzipSync(Buffer.alloc(1_000_000));
  return Buffer.concat(Array.from({ length: 100 }, () => part));
}
