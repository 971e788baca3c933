import { randomBytes } from "node:crypto";
import {
  type BreakerOptions,
  type Clock,
  CreateDestination,
  type Destination,
  ImportSchedules,
  RotateSecret,
} from "@punctual/core";
import { SystemClock } from "@punctual/adapter-local";
import { POSTGRES_DEFAULTS } from "@punctual/adapter-postgres/config";
import { migrateUp } from "@punctual/adapter-postgres/migrate";
import { type PostgresServer, startEmbedded } from "@punctual/adapter-postgres/server";
import pg from "pg";
import { workerContainer, type WorkerParts } from "./container.js";
import type { Arrival, ReceiverOrders, ReceiverReady, Shape, WorkerOrders, WorkerReport } from "./orders.js";
import { Player } from "./player.js";
import { Records } from "./records.js";

export type ReceiverPlayer = Player<ReceiverReady, readonly Arrival[]>;
export type WorkerPlayer = Player<null, WorkerReport>;

const RECEIVER = new URL("./start-receiver.js", import.meta.url);
const WORKER = new URL("./start-worker.js", import.meta.url);
const ACTOR = "trial";
const LEAD_MS = 3_000;
const MS_TO_ADD_ONE = 2;

export interface SceneOptions {
  readonly shape?: Shape;
  readonly breaker?: Partial<BreakerOptions>;
}

/** When an event of a destination comes due, and what else is said of its schedule. */
export interface Wanted {
  readonly destination: Destination;
  readonly dueAt: number;
  readonly retry?: object;
}

/** A server for all scenes of a trial. What was committed need not outlive the machine, but every commit is waited for. */
export async function onServer<T>(work: (server: PostgresServer) => Promise<T>): Promise<T> {
  const settings = { synchronous_commit: "on", max_connections: "300", shared_buffers: "256MB" };
  const server = await startEmbedded({ durable: false, settings });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** A receiver that is being started. */
export function receiverFor(orders: Partial<ReceiverOrders>, clock: Clock): ReceiverPlayer {
  const all: ReceiverOrders = { ports: [0], answerMs: 0, secrets: [], ...orders };
  return new Player(RECEIVER, all, clock);
}

/** Runs `work` on an empty database of its own, and ends whatever it started. */
export async function inScene<T>(
  server: PostgresServer,
  options: SceneOptions,
  work: (scene: Scene) => Promise<T>,
): Promise<T> {
  const scene = await Scene.open(server, options);
  try {
    return await work(scene);
  } finally {
    await scene.close();
  }
}

/** A database, the processes around it, and what a caller of the API would do. */
export class Scene {
  readonly clock = new SystemClock();
  readonly records: Records;
  readonly #orders: Omit<WorkerOrders, "name">;
  readonly #parts: WorkerParts;
  readonly #players: { kill(): void }[] = [];

  private constructor(orders: Omit<WorkerOrders, "name">) {
    this.#orders = orders;
    this.#parts = workerContainer({ ...orders, name: ACTOR });
    this.records = new Records(orders.url, this.clock);
  }

  static async open(server: PostgresServer, { shape = "in place", breaker = {} }: SceneOptions): Promise<Scene> {
    const url = new URL(server.url);
    const name = `trial_${randomBytes(4).toString("hex")}`;
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(`create database ${name}`);
    await admin.end();
    url.pathname = `/${name}`;
    await migrateUp({ ...POSTGRES_DEFAULTS, url: url.href });
    return new Scene({ url: url.href, shape, breaker, outerKey: randomBytes(32).toString("base64") });
  }

  async receiver(orders: Partial<ReceiverOrders> = {}): Promise<ReceiverPlayer> {
    return this.#started(receiverFor(orders, this.clock));
  }

  async workers(count: number): Promise<readonly WorkerPlayer[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index): Promise<WorkerPlayer> => {
        return this.#started(new Player(WORKER, { ...this.#orders, name: `worker-${index + 1}` }, this.clock));
      }),
    );
  }

  async destination(port: number, input: object = {}, tenant = "main"): Promise<Destination> {
    const url = `http://127.0.0.1:${port}/`;
    const create = this.#parts.container.get(CreateDestination);
    return (await create.run({ tenant, input: { url, ...input }, actor: ACTOR })).destination;
  }

  async rotate({ tenant, id }: Destination, input: object): Promise<void> {
    await this.#parts.container.get(RotateSecret).run({ tenant, id, input, actor: ACTOR });
  }

  /** When the first of so many events may come due, none of which was added yet. */
  afterAdding(count: number): number {
    return Date.now() + LEAD_MS + count * MS_TO_ADD_ONE;
  }

  /** Makes a schedule of one event each; what is past already is refused. */
  async add(wanted: readonly Wanted[]): Promise<void> {
    const load = this.#parts.container.get(ImportSchedules);
    for (const [tenant, some] of Map.groupBy(wanted, ({ destination }) => destination.tenant)) {
      for await (const progress of load.run(tenant, some.map(lineOf))) {
        if (progress.kind === "refused") throw new Error(`Not to be had: ${JSON.stringify(progress.line)}`);
      }
    }
  }

  async close(): Promise<void> {
    for (const player of this.#players) player.kill();
    await this.#parts.close();
    await this.records.close();
  }

  async #started<Ready, Report>(player: Player<Ready, Report>): Promise<Player<Ready, Report>> {
    this.#players.push(player);
    await player.ready;
    return player;
  }
}

function lineOf({ destination, dueAt, retry }: Wanted, index: number): string {
  return JSON.stringify({
    type: "trial.call",
    timeZone: "Etc/UTC",
    when: { at: new Date(dueAt).toISOString() },
    destinationId: destination.id,
    payload: { number: index },
    catchUp: "all",
    ...(retry !== undefined && { retry }),
  });
}
