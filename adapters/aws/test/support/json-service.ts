import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What an AWS service says instead of an answer. */
export class Fault extends Error {
  readonly type: string;
  readonly status: number;
  constructor(type: string, message = "", status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** Operations by their names, each from the fields of a request to those of an answer, or to a promise of them. */
export type Operations = Readonly<
  Record<string, (input: Readonly<Record<string, unknown>>) => object | Promise<object>>
>;

export type Trouble =
  | { readonly kind: "fault"; readonly type: string; readonly status: number; readonly message?: string }
  /** Says what a proxy might say. */
  | { readonly kind: "page"; readonly status: number }
  | { readonly kind: "reset" };

/** A service that speaks AWS's JSON protocol on loopback, and fails as it is told. */
export class JsonService {
  readonly #server: Server;
  trouble: Trouble | null = null;
  asked = 0;

  private constructor(operations: Operations) {
    this.#server = createServer((request, response) => void this.#answer(operations, request, response));
  }

  static async start(operations: Operations): Promise<JsonService> {
    const service = new JsonService(operations);
    const { promise, resolve } = Promise.withResolvers<void>();
    service.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return service;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(operations: Operations, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked++;
    const body = await buffer(request);
    const { trouble } = this;
    if (trouble?.kind === "reset") return void request.socket.destroy();
    if (trouble?.kind === "page") {
      return void response.writeHead(trouble.status, { "content-type": "text/html" }).end("<h1>Sorry</h1>");
    }
    const answer = (status: number, fields: object) =>
      void response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(fields));
    try {
      if (trouble !== null) throw new Fault(trouble.type, trouble.message, trouble.status);
      const operation = operations[String(request.headers["x-amz-target"]).split(".")[1] ?? ""];
      if (operation === undefined) throw new Fault("UnknownOperationException");
      answer(200, await operation(JSON.parse(body.toString()) as Record<string, unknown>));
    } catch (error) {
      if (error instanceof Fault) answer(error.status, { __type: error.type, message: error.message });
      else answer(500, { __type: "InternalFailure", message: String(error) });
    }
  }
}

/** For clients of a service on loopback: it asks who they are, and does not look. */
export const NOBODY = {
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a-secret-of-the-test" },
};
