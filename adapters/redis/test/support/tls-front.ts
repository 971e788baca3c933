import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { createServer } from "node:tls";
import type { TestCertificate } from "./certificates.js";

/** A Redis with TLS: what comes goes on to one without. */
export async function tlsFront(url: string, certificate: TestCertificate) {
  const { port: behind } = new URL(url);
  const server = createServer({ ...certificate }, (outside) => {
    const inside = connect(Number(behind), "127.0.0.1");
    for (const socket of [outside, inside]) {
      socket.on("error", () => undefined);
      socket.on("close", () => [outside, inside].forEach((one) => one.destroy()));
    }
    outside.pipe(inside).pipe(outside);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `rediss://127.0.0.1:${String(port)}`, close: () => void server.close() };
}
