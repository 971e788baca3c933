import { toySignatureOf } from "@punctual/core/memory";
import { itemsIn, type Answer, type Desk } from "../desk.js";
import type { Asked } from "./asked.js";
import type { Chance } from "./chance.js";
import type { Client } from "./client.js";
import { RECEIVER, SAYS_NO } from "./words.js";

const ASYNC = "https://async.test/";
const SECRET = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
const MOST = 100;
const IN_USE = 3;

type Thing = "schedules" | "events" | "pending" | "failed" | "awaited" | "destinations" | "users";

export interface WorldOptions {
  readonly desk: Desk;
  readonly client: Client;
  readonly chance: Chance;
  /** By the stores, in whole seconds. */
  readonly seconds: () => number;
  /** Delivers what is due. */
  readonly deliver: () => Promise<void>;
  readonly empty: () => Promise<void>;
}

/** What is there, so that requests can be about it. */
export class World {
  readonly #options: WorldOptions;
  readonly #ids = new Map<Thing, string[]>();
  /** Where lists go on. */
  readonly pages: string[] = [];
  readonly keys: string[] = [];
  /** Schedules that ask the most of whoever looks ahead. */
  readonly hard: string[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    const { sender } = options.desk;
    sender.listen(RECEIVER, () => ({ status: 200, responseExcerpt: "ok" }));
    sender.listen(SAYS_NO, () => ({ status: 400, responseExcerpt: "no" }));
    sender.listen(ASYNC, () => ({ status: 202 }));
  }

  /** Forgets everything, and begins anew with a little. */
  async begin(): Promise<void> {
    await this.#options.empty();
    this.#options.desk.sender.received.length = 0;
    this.#ids.clear();
    this.pages.length = 0;
    this.keys.length = 0;
    this.hard.length = 0;
    await this.refill();
  }

  /** Sees to it that there is something of everything. */
  async refill(): Promise<void> {
    for (let made = this.#of("destinations").length; made < 8; made++) {
      this.#add("destinations", await this.#make("/v1/destinations", { url: made % 2 ? RECEIVER : SAYS_NO }));
    }
    for (let made = this.#of("users").length; made < 6; made++) {
      const ada = { firstName: "Ada", lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
      this.#add("users", await this.#make("/v1/users", ada));
    }
    for (let made = this.#of("schedules").length; made < 8; made++) {
      const url = made % 2 ? RECEIVER : SAYS_NO;
      this.#add("schedules", await this.#make("/v1/schedules", { ...DAILY, destination: { url } }));
    }
    await this.#runs({ ...DAILY, destination: { url: SAYS_NO } }, 3);
    const later = await this.#make("/v1/destinations", { url: ASYNC, ackWithinMs: 604_800_000, secret: SECRET });
    await this.#runs({ ...DAILY, destinationId: later }, 4);
    await this.#options.deliver();
    for (const [state, thing] of [
      ["FAILED", "failed"],
      ["PENDING", "pending"],
    ] as const) {
      const { json } = await this.#ask("get", `/v1/events?limit=50&state=${state}`);
      const ids = itemsIn({ json } as Answer).map(({ id }) => String(id));
      this.#ids.set(thing, ids);
      for (const id of ids) this.#add("events", id);
    }
    const { received } = this.#options.desk.sender;
    this.#ids.set(
      "awaited",
      received.filter(({ request }) => request.destination.url === ASYNC).map(({ request }) => request.id),
    );
    received.splice(0, received.length - MOST);
  }

  /** An id of what the operation is about. */
  idFor(operation: string, path: string): string {
    if (path.endsWith("/occurrences") && this.hard.length > 0 && this.#options.chance.often(60)) {
      return this.#options.chance.one(this.hard);
    }
    const thing = THINGS.find(([name, start]) => (name === null || name === operation) && path.startsWith(start))?.[2];
    const all = this.#of(thing ?? "schedules");
    const ids = operation === "deleteDestination" ? all.slice(IN_USE) : all;
    return ids.length === 0 ? NOWHERE : this.#options.chance.one(ids);
  }

  /** One of a few: the others stay unused, and so can be removed. */
  destination(): string {
    return this.#options.chance.one(this.#of("destinations").slice(0, IN_USE));
  }

  schedule(): string {
    return this.#options.chance.one(this.#of("schedules"));
  }

  /** The headers of a receiver that answers afterwards. */
  signed(id: string, body: string): Readonly<Record<string, string>> {
    const timestamp = this.#options.seconds();
    const signature = toySignatureOf({ id, timestamp, body }, SECRET);
    return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signature };
  }

  /** Learns from an answer what is there now, and what no more. */
  note({ operation, path, kind }: Asked, { status, json }: Answer): void {
    if (status >= 300) return;
    const [collection = ""] = path.split("?");
    const thing = COLLECTIONS[collection.replace(/\/by-key\/.*/, "")];
    if (thing !== undefined && typeof json.id === "string") this.#add(thing, json.id);
    if (thing === "schedules" && kind === "extreme" && typeof json.id === "string") this.hard.push(json.id);
    if (operation.method === "delete") for (const ids of this.#ids.values()) remove(ids, collection.split("/").at(-1));
    if (typeof json.nextCursor === "string" && this.pages.length < MOST) {
      const next = new URL(path, "http://x");
      next.searchParams.set("cursor", json.nextCursor);
      this.pages.push(`${next.pathname}${next.search}`);
    }
  }

  async #runs(schedule: object, times: number): Promise<void> {
    const id = await this.#make("/v1/schedules", schedule);
    for (let run = 0; run < times; run++) await this.#make(`/v1/schedules/${id}/run`, {});
  }

  async #make(path: string, body: object): Promise<string> {
    return String((await this.#ask("post", path, JSON.stringify(body))).json.id);
  }

  async #ask(method: string, path: string, body: string | null = null): Promise<Answer> {
    const headers = { authorization: "Bearer admin:main:ada", "content-type": "application/json" };
    const answer = await this.#options.client.ask({ method, path, headers, body });
    if (answer.status >= 300) throw new Error(`${method} ${path} to begin with: ${answer.status} ${answer.text}`);
    return answer;
  }

  #of(thing: Thing): string[] {
    return this.#ids.get(thing) ?? [];
  }

  #add(thing: Thing, id: string): void {
    const ids = this.#of(thing);
    if (ids.includes(id)) return;
    this.#ids.set(thing, [...ids.slice(-MOST), id]);
  }
}

const DAILY = { type: "report.due", timeZone: "Etc/UTC", when: { cron: "0 9 * * *" } };
const NOWHERE = "00000000-0000-7000-8000-00000000dead";

/** What an operation is about; what it is named for comes first. */
const THINGS: readonly (readonly [string | null, string, Thing])[] = [
  ["retryEvent", "/v1/events", "failed"],
  ["cancelEvent", "/v1/events", "pending"],
  ["rescheduleEvent", "/v1/events", "pending"],
  [null, "/v1/acks", "awaited"],
  [null, "/v1/events", "events"],
  [null, "/v1/destinations", "destinations"],
  [null, "/v1/users", "users"],
  [null, "/user", "users"],
];

const COLLECTIONS: Readonly<Record<string, Thing>> = {
  "/v1/schedules": "schedules",
  "/v1/destinations": "destinations",
  "/v1/users": "users",
  "/user": "users",
};

function remove(ids: string[], id: string | undefined): void {
  const at = ids.indexOf(id ?? "");
  if (at >= 0) ids.splice(at, 1);
}
