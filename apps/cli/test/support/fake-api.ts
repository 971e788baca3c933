import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeApi {
  readonly url: string;
  readonly requests: IncomingMessage[];
  close(): void;
}

/** Something that answers as it is told, for what the real API cannot be brought to. */
export async function fakeApi(answer: RequestListener): Promise<FakeApi> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}

export const problem = (status: number, code: string, more: object = {}): RequestListener =>
  function refuse(_, response) {
    response.writeHead(status, { "content-type": "application/problem+json" });
    response.end(JSON.stringify({ type: "about:blank", title: code, status, code, requestId: "r-1", ...more }));
  };
