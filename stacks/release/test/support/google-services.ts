import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { GoogleApi } from "../../src/gcp/index.js";

export interface Asked {
  readonly method: string;
  /** With what service it is of, as `GoogleApi` has it. */
  readonly url: string;
  readonly query: URLSearchParams;
  readonly authorization: string;
  readonly body: unknown;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The line breaks: before an answer, whatever was done. */
  readonly breaks?: boolean;
}

const HOSTS = ["run.googleapis.com", "monitoring.googleapis.com", "storage.googleapis.com"];

/** Google's services on loopback, and a `GoogleApi` that asks them. */
export async function googleServices(answer: (asked: Asked) => Told | Promise<Told>) {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://127.0.0.1");
      const body = await text(request);
      const told = await answer({
        method: request.method ?? "",
        url: pathname.slice(1),
        query: searchParams,
        authorization: request.headers.authorization ?? "",
        body: body === "" ? undefined : JSON.parse(body),
      });
      if (told.breaks === true) return void request.socket.destroy();
      response.writeHead(told.status ?? 200, { "content-type": "application/json", ...told.headers });
      response.end(JSON.stringify(told.body ?? {}));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    origin,
    api: new GoogleApi({
      token: async () => "a-token",
      origins: Object.fromEntries(HOSTS.map((host) => [host, `${origin}/${host}`])),
      pace: { wait: async () => undefined },
    }),
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

export type GoogleServices = Awaited<ReturnType<typeof googleServices>>;

/** What Google's services answer where they refuse. */
export function refusal(status: number, message: string): Told {
  return { status, body: { error: { code: status, message } } };
}
