import { type Clock, Unavailable } from "@punctual/adapter-sdk";
import { createClient, ErrorReply } from "@redis/client";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { codeOf, refusal, translated } from "./errors.js";

/** Where Redis is. */
export interface Place {
  readonly url: string;
  /** Whose certificates are believed; null leaves it to Node. */
  readonly ca: string | null;
  /** The node of a cluster that has the queue, once one has said so: all of its keys are in one slot. */
  node: { readonly host: string; readonly port: number } | null;
}

export interface Asking {
  /** How long the command itself may wait. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_MS = 3_000;
/** Without an answer for so long, there is nobody at the other end. */
const REQUEST_MS = 5_000;
const GIVEN_UP = "The request was given up";

type Client = ReturnType<typeof clientAt>;

/**
 * One connection, opened when it is needed: a command that finds none fails soon and the next one tries again, so nobody
 * waits behind a queue of commands for a server that is away.
 */
export class Connection {
  readonly #place: Place;
  readonly #clock: Clock;
  #opening: Promise<Client> | null = null;
  #closed = false;

  constructor(place: Place, clock: Clock) {
    this.#place = place;
    this.#clock = clock;
  }

  async ask(command: readonly string[], asking: Asking = {}): Promise<unknown> {
    try {
      return await this.#ask(command, asking).catch((error: unknown) => {
        if (codeOf(error) === "MOVED") return this.#ask(command, asking);
        throw error;
      });
    } catch (error) {
      throw translated(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #ask(command: readonly string[], { waitMs = 0, signal }: Asking): Promise<unknown> {
    if (isAborted(signal)) throw new Unavailable(GIVEN_UP);
    const opening = (this.#opening ??= this.#open());
    const client = await this.#within(opening, REQUEST_MS, signal); // it ends by itself before that
    try {
      return await this.#within(client.sendCommand(command), waitMs + REQUEST_MS, signal);
    } catch (error) {
      if (codeOf(error) === "MOVED") this.#move(opening, (error as Error).message);
      else if (isOver(error) && !isAborted(signal)) this.#drop(opening);
      throw error;
    }
  }

  #open(): Promise<Client> {
    if (this.#closed) return Promise.reject(new Unavailable("The connection to Redis is closed"));
    const client = clientAt(this.#place);
    const connect = async () => {
      try {
        await this.#within(client.connect(), CONNECT_MS);
        return client;
      } catch (error) {
        client.destroy();
        this.#place.node = null; // another may have the queue by now
        throw refusal(error);
      }
    };
    const opening = connect();
    const drop = () => this.#drop(opening);
    client.on("error", drop); // who waits for an answer is told by that
    opening.catch(drop);
    return opening;
  }

  /** The cluster has said which node to ask instead; what is under way to this one gets its answer. */
  #move(opening: Promise<Client>, moved: string): void {
    const [, host = "", port] = /^MOVED \d+ (.*):(\d+)$/.exec(moved) ?? [];
    this.#place.node = { host: host || new URL(this.#place.url).hostname, port: Number(port) };
    if (this.#opening !== opening) return;
    this.#opening = null;
    void opening.then((client) => client.close()).catch(() => undefined);
  }

  /** The next command opens another one. */
  #drop(opening = this.#opening): void {
    if (opening === null) return;
    if (this.#opening === opening) this.#opening = null;
    opening.then(
      (client) => client.destroy(),
      () => undefined,
    );
  }

  async #within<T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> {
    const done = new AbortController();
    const given = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    const late = async (): Promise<never> => {
      await this.#clock.sleep(ms, given);
      throw new Unavailable(isAborted(signal) ? GIVEN_UP : "Redis does not answer");
    };
    try {
      return await Promise.race([work, late()]);
    } finally {
      done.abort();
    }
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Whether the connection is of no more use: nobody answers, or the other end became a replica, and its name leads elsewhere. */
function isOver(error: unknown): boolean {
  return !(error instanceof ErrorReply) || codeOf(error) === "READONLY";
}

function clientAt({ url, ca, node }: Place) {
  const target = new URL(url);
  if (node !== null) {
    target.hostname = node.host.includes(":") ? `[${node.host}]` : node.host;
    target.port = String(node.port);
  }
  return createClient({
    url: target.href,
    RESP: 2,
    disableClientInfo: true,
    disableOfflineQueue: true,
    socket: {
      ...{ reconnectStrategy: false, connectTimeout: CONNECT_MS },
      ...(ca !== null && ({ tls: true, ca, checkServerIdentity: objectionToServer } as const)),
    },
  });
}

/**
 * As Node objects, but for one case: a service that is known by its address alone (Memorystore) has a CA of its own, and
 * certificates that name no address. Then whoever shows one of that CA is the service.
 */
function objectionToServer(host: string, certificate: PeerCertificate): Error | undefined {
  const names: string | undefined = certificate.subjectaltname;
  if (isIP(host) !== 0 && names?.includes("IP Address:") !== true) return undefined;
  return checkServerIdentity(host, certificate);
}
