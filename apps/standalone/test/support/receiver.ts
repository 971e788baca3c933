import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Takes whatever comes, and keeps it. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** With `before` each answer waits for it. */
  static async open(before: () => Promise<void> = async () => undefined): Promise<Receiver> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        one.received.push({ path: request.url ?? "", headers: request.headers, body });
        void before().then(() => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
      });
    });
    const one = new Receiver(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What Standard Webhooks says that a request must be signed with. */
export function signatureOf({ headers, body }: Received, secret: string): string {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]].map(String);
  const signed = `${id}.${timestamp}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}
