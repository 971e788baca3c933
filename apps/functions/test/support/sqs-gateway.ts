import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** A way to SQS on which some entries of a batch fail, as `refuses` says: the others are taken. */
export async function sqsGateway(endpoint: string, refuses: (body: string, place: number, of: number) => boolean) {
  let refused = 0;
  const server = createServer((request, response) => {
    const pass = async () => {
      const text = (await buffer(request)).toString();
      const batch = String(request.headers["x-amz-target"]).endsWith("SendMessageBatch");
      const asked = batch ? (JSON.parse(text) as { readonly Entries: readonly Entry[] }) : null;
      const entries = asked?.Entries ?? [];
      const bad = entries.filter(({ MessageBody }, place) => refuses(MessageBody, place, entries.length));
      refused += bad.length;
      const good = entries.filter((one) => !bad.includes(one));
      const { host: _, "content-length": __, ...headers } = request.headers;
      const answer =
        batch && good.length === 0
          ? null
          : await fetch(endpoint + (request.url ?? "/"), {
              ...{ method: request.method ?? "POST", headers: headers as Record<string, string> },
              body: bad.length === 0 ? text : JSON.stringify({ ...asked, Entries: good }),
            });
      const body = answer === null ? "{}" : await answer.text();
      const Failed = bad.map(({ Id }) => ({ Id, Code: "InternalError", Message: "Try again", SenderFault: false }));
      response.writeHead(answer?.status ?? 200, { "content-type": "application/x-amz-json-1.0" });
      response.end(bad.length === 0 ? body : JSON.stringify({ ...(JSON.parse(body) as object), Failed }));
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused: () => refused,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
