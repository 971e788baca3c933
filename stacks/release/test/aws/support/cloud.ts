import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { AwsAccount } from "../../../src/aws/account.js";
import type { Pace } from "../../../src/world.js";

export type Input = Readonly<Record<string, unknown>>;

/** What a service says instead of an answer. */
export class Fault extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, message = type, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** As much of a service as is asked, and what it does when time passes. */
export interface Service {
  /** By the name of an operation with that of the protocol before it: `CodeDeploy_20141006.StopDeployment`. */
  readonly operations?: Readonly<Record<string, (input: Input) => object>>;
  /** By method and path; what it has no answer for, another may. */
  readonly route?: (request: Asked) => Answered | undefined;
  readonly tick?: (now: number) => void;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Answered {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The line is lost at one request of all, before it was read, or when it had its effect. */
export interface Lost {
  readonly at: number;
  readonly when: "before" | "after";
}

const STEP_MS = 1_000;

/** An account of AWS on loopback, whose time passes when somebody waits. */
export class Cloud {
  readonly #server: Server;
  readonly #services: Service[] = [];
  #now = Date.UTC(2030, 0, 1);
  lost: Lost | undefined;
  asked = 0;
  /** Says which operations are refused: once for each that it answers. */
  refuses: (operation: string) => Fault | undefined = () => undefined;
  readonly operations: string[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<Cloud> {
    const cloud = new Cloud();
    const { promise, resolve } = Promise.withResolvers<void>();
    cloud.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return cloud;
  }

  add<S extends Service>(service: S): S {
    this.#services.push(service);
    return service;
  }

  get account(): AwsAccount {
    const { port } = this.#server.address() as AddressInfo;
    return { ...NOBODY, endpoint: `http://127.0.0.1:${port}` };
  }

  now = (): number => this.#now;

  readonly pace: Pace = { now: this.now, wait: async (ms) => this.pass(ms) };

  pass(ms: number): void {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now = Math.min(end, this.#now + STEP_MS);
      for (const { tick } of this.#services) tick?.(this.#now);
    }
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const mine = ++this.asked;
    if (this.lost?.at === mine && this.lost.when === "before") return void request.socket.destroy();
    let status = 200;
    let answered: Answered;
    try {
      answered = this.#answered(request, body);
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault("InternalFailure", String(error), 500);
      status = fault.status;
      answered = isXml(request) ? xmlOf(fault) : jsonOf(fault);
    }
    if (this.lost?.at === mine && this.lost.when === "after") return void request.socket.destroy();
    response
      .writeHead(status, { "content-type": "application/x-amz-json-1.1", ...answered.headers })
      .end(answered.body);
  }

  #answered({ method = "", url = "", headers }: IncomingMessage, body: string): Answered {
    const target = headers["x-amz-target"];
    const path = decodeURIComponent(url.split("?")[0] ?? "");
    const operation = typeof target === "string" ? target : `${method} ${path}`;
    this.operations.push(operation);
    const refusal = this.refuses(operation);
    if (refusal !== undefined) throw refusal;
    for (const service of this.#services) {
      const work = service.operations?.[operation];
      if (work !== undefined) return { body: JSON.stringify(work(JSON.parse(body) as Input)) };
      const answered = target === undefined ? service.route?.({ method, path, body, headers }) : undefined;
      if (answered !== undefined) return answered;
    }
    throw new Fault("UnknownOperationException", operation, 404);
  }
}

function isXml({ headers }: IncomingMessage): boolean {
  return headers["x-amz-target"] === undefined && String(headers.authorization).includes("/s3/");
}

function jsonOf({ type, message }: Fault): Answered {
  return { body: JSON.stringify({ __type: type, message, Message: message }), headers: { "x-amzn-errortype": type } };
}

function xmlOf({ type, message }: Fault): Answered {
  const body = `<?xml version="1.0"?><Error><Code>${type}</Code><Message>${message}</Message></Error>`;
  return { body, headers: { "content-type": "application/xml" } };
}

/** For clients of a service on loopback: it asks who they are, and does not look. */
export const NOBODY = {
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a-secret-of-the-test" },
};
