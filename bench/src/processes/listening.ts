import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What answers requests, as Koa has it. */
export interface Answering {
  callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** Listens on this machine alone, and answers where. */
export async function listening(app: Answering): Promise<string> {
  const answer = app.callback();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
