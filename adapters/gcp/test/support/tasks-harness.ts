import type { OpenTransport, TransportHarness } from "@punctual/adapter-sdk/conformance";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import type { ConsumeOptions, MessageHandler } from "@punctual/core";
import { MemoryTelemetry } from "@punctual/core/memory";
import { callersOf } from "../../src/auth/callers.js";
import { type Handler, serve } from "../../src/http/service.js";
import { CLOUD_TASKS_CAPABILITIES } from "../../src/tasks/capabilities.js";
import { type OpenCloudTasks, openCloudTasks } from "../../src/tasks/open-cloud-tasks.js";
import { taskRoute } from "../../src/tasks/task-route.js";
import { claimsOf, startIssuer } from "./google-issuer.js";
import { startTasksServer } from "./tasks-server.js";

const EMAIL = "invoker@example-project.iam.gserviceaccount.com";
const DEADLINE_MS = 8_000;
const KEYS = [Buffer.alloc(32, 7)];
const { clock, pass, now } = machineTime();

/** Cloud Tasks on loopback, and somebody who signs its tokens. */
export async function startTasks() {
  const issuer = await startIssuer();
  const sign = (audience: string, email: string) => issuer.sign(claimsOf(audience, email, new Date()));
  const server = await startTasksServer({ sign, deadlineMs: DEADLINE_MS });
  return {
    ...{ issuer, server },
    stop: async () => {
      await server.stop();
      await issuer.stop();
    },
  };
}

type Tasks = Awaited<ReturnType<typeof startTasks>>;

interface Behind {
  readonly path: string;
  readonly another: () => OpenCloudTasks;
}

/** For each case a queue, and a service on loopback to which it pushes. */
export function tasksHarness(tasks: () => Tasks): TransportHarness {
  const behind = new WeakMap<OpenTransport, Behind>();
  const of = (open: OpenTransport) => behind.get(open) as Behind;
  let made = 0;
  return {
    capabilities: CLOUD_TASKS_CAPABILITIES,
    ...{ atOnce: 14, timeoutMs: 120_000, tellsReceipts: true },
    open: async () => {
      const { issuer, server } = tasks();
      const queue = `case-${++made}`;
      const place = { project: "example-project", location: "europe-west3", queue };
      const path = `projects/${place.project}/locations/${place.location}/queues/${queue}`;
      server.addQueue(path);
      const consumers = new Consumers();
      const audience = `https://worker.example.test/${queue}`;
      const telemetry = new MemoryTelemetry();
      const work: Handler = async (asked) =>
        consumers.take(async (handle) => taskRoute({ tasks: opened, deliver: { handle } })(asked));
      const service = await serve({
        routes: { "POST /tasks": work },
        authorize: callersOf({ audience, emails: [EMAIL], clock, jwksUrl: issuer.jwksUrl }),
        ...{ clock, telemetry, maxBodyBytes: 2 * CLOUD_TASKS_CAPABILITIES.maxBodyBytes, port: 0, host: "127.0.0.1" },
      });
      const url = `http://127.0.0.1:${service.port}/tasks`;
      const all: OpenCloudTasks[] = [];
      const another = () => {
        const config = { ...place, url, serviceAccount: EMAIL, audience, endpoint: server.endpoint };
        const one = openCloudTasks(config, { clock, telemetry, keys: KEYS });
        all.push(one);
        return one;
      };
      const opened = another();
      const open: OpenTransport = {
        ...{ transport: opened.transport, now, pass, patienceMs: 3_000, redeliveryMs: DEADLINE_MS },
        consume: (options, handle, signal) => consumers.add(options, handle, signal),
        deadLetters: async () => [],
        kept: async () => [],
        close: async () => {
          server.removeQueue(path);
          await service.close(0);
          await Promise.all(all.map((one) => one.close()));
        },
      };
      behind.set(open, { path, another });
      return open;
    },
    reopen: async (open) => of(open).another().transport,
    stall: async (open) => tasks().server.stall(of(open).path),
  };
}

interface Consumer {
  readonly handle: MessageHandler;
  readonly most: number;
  underWay: number;
}

/** Who consumes what is pushed, one after another. While nobody does, or all have their hands full, it comes again. */
class Consumers {
  readonly #all: Consumer[] = [];
  #change = Promise.withResolvers<void>();

  async add({ maxInFlight }: ConsumeOptions, handle: MessageHandler, signal: AbortSignal): Promise<void> {
    const one: Consumer = { handle, most: maxInFlight, underWay: 0 };
    signal.addEventListener("abort", () => this.#changed(), { once: true });
    if (!signal.aborted) this.#all.push(one);
    while (!signal.aborted) await this.#change.promise;
    this.#all.splice(this.#all.indexOf(one), 1);
    while (one.underWay > 0) await this.#change.promise;
  }

  async take(work: (handle: MessageHandler) => ReturnType<Handler>): ReturnType<Handler> {
    const one = this.#all.find(({ underWay, most }) => underWay < most);
    if (one === undefined) return { status: 503 };
    this.#all.push(...this.#all.splice(this.#all.indexOf(one), 1));
    one.underWay++;
    try {
      return await work(one.handle);
    } finally {
      one.underWay--;
      this.#changed();
    }
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
