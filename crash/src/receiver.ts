import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Clock } from "@punctual/core";
import { Dice } from "./dice.js";
import type { SeenRequest } from "./evidence.js";

const HOST = "127.0.0.1";

/** How requests are answered, by weight. */
export const MANNERS = { well: 66, slowly: 14, late: 3, error: 8, "late error": 2, no: 1, cut: 6 };

export type Manners = Readonly<Record<keyof typeof MANNERS, number>>;

/** The other side: writes down every request, and answers some of them badly. */
export class Receiver {
  readonly requests: SeenRequest[] = [];
  /** Once it is well it answers everything with a 2xx, at once. */
  well = false;
  /** Kills whose request it is, while that is under way; false if it cannot. */
  killNext: ((victim: number) => boolean) | null = null;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #manners: Manners;
  readonly #server: Server;

  constructor(clock: Clock, seed: number, manners: Manners = MANNERS) {
    this.#clock = clock;
    this.#seed = seed;
    this.#manners = manners;
    this.#server = createServer((request, response) => {
      // A sender that died may leave half a request, and then nothing of it is kept.
      this.#receive(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, HOST, done));
  }

  get url(): string {
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const body = await text(request);
    const header = (name: string) => String(request.headers[name]);
    const seen: SeenRequest = {
      eventId: header("webhook-id"),
      attempt: Number(header("punctual-attempt")),
      victim: Number(header("crash-victim")),
      sentAt: Number(header("crash-sent-at")),
      at,
      bodyHash: createHash("sha256").update(body).digest("hex"),
      dueAt: Date.parse((JSON.parse(body) as { timestamp: string }).timestamp),
      status: null,
    };
    this.requests.push(seen);
    if (this.killNext?.(seen.victim) === true) {
      this.killNext = null;
      response.destroy();
      return;
    }
    await this.#answer(seen, response);
  }

  async #answer(seen: SeenRequest, response: ServerResponse): Promise<void> {
    const dice = new Dice(this.#seed, "receiver", seen.eventId, seen.attempt);
    const manner = this.well ? "well" : dice.weighted(this.#manners);
    const say = async (status: number, afterMs: number) => {
      if (afterMs > 0) await this.#clock.sleep(afterMs);
      seen.status = status;
      response.writeHead(status).end();
    };
    switch (manner) {
      case "well":
        return say(dice.pick([200, 202, 204]), 0);
      case "slowly":
        return say(200, dice.between(5, 150));
      case "late":
        return say(200, dice.between(300, 1_200));
      case "error":
        return say(dice.pick([500, 502, 503]), 0);
      case "late error":
        return say(503, dice.between(300, 1_200));
      case "no":
        return say(dice.pick([400, 404, 302]), 0);
      case "cut":
        if (dice.chance(0.5)) await this.#clock.sleep(dice.between(1, 50));
        response.destroy();
    }
  }
}
