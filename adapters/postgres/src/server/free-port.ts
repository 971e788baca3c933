import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below those that systems give to outgoing connections: while a server is down, a client that dials such a port again
 * and again may get it as its own end, and then is connected to itself.
 */
const PORTS = { from: 15_000, to: 30_000 };

/** A port of this machine on which nobody listens. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    const server = createServer();
    const free = await new Promise<boolean>((done) => {
      server.once("error", () => done(false)).listen(port, host, () => done(true));
    });
    if (!free) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}
