import { machineTime } from "@punctual/adapter-sdk/conformance";
import { Fault, restService } from "./rest-service.js";

export interface TasksServerOptions {
  /** Makes the token that a task shows, of this account for this audience. */
  readonly sign: (audience: string, email: string) => Promise<string>;
  /** How long a task waits before it comes again: at first, and at the most. */
  readonly backoffMs?: readonly [first: number, most: number];
  /** How long the answer to a task is waited for. */
  readonly deadlineMs?: number;
}

export interface Task {
  readonly name: string;
  readonly at: number;
  readonly http: HttpRequest;
}

interface HttpRequest {
  readonly url: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly oidcToken?: { readonly serviceAccountEmail: string; readonly audience: string };
}

/** What became of one pushing; null is no answer. */
export interface Pushed {
  readonly task: string;
  readonly status: number | null;
}

interface Queue {
  readonly removed: AbortController;
  readonly pushed: Pushed[];
  readonly waiting: Set<Task>;
  stalled: boolean;
}

const LONGEST_MS = 2_592_000_000;
const MOST_BYTES = 1_048_576;
const { clock } = machineTime();

/** As much of Cloud Tasks as pushes tasks by HTTP. Its addresses are those of Google's own JSON. */
export async function startTasksServer({ sign, backoffMs = [50, 250], deadlineMs = 8_000 }: TasksServerOptions) {
  const queues = new Map<string, Queue>();
  let made = 0;
  const queueAt = (path: string): Queue => {
    const queue = queues.get(path);
    if (queue === undefined) throw new Fault("NOT_FOUND", "Requested entity was not found.");
    return queue;
  };

  const service = await restService(async ({ method, path, input }) => {
    const [, name = "", action = ""] =
      /^\/v2\/(projects\/[^/]+\/locations\/[^/]+\/queues\/[^/:]+)(.*)$/.exec(path) ?? [];
    switch (`${method} ${action}`) {
      case "POST :testIamPermissions":
        return queues.has(name) ? { permissions: input["permissions"] } : {};
      case "POST /tasks":
        return create(name, input["task"] as Readonly<Record<string, unknown>>);
      default:
        throw new Fault("INVALID_ARGUMENT", `No ${method} ${path}`);
    }
  });

  async function create(path: string, given: Readonly<Record<string, unknown>>): Promise<object> {
    const queue = queueAt(path);
    if (queue.stalled) await new Promise(() => undefined);
    const at = typeof given["scheduleTime"] === "string" ? Date.parse(given["scheduleTime"]) : Date.now();
    if (at > Date.now() + LONGEST_MS) throw new Fault("INVALID_ARGUMENT", "Task scheduleTime too far in the future.");
    if (JSON.stringify(given).length > MOST_BYTES) throw new Fault("INVALID_ARGUMENT", "Task size too large.");
    const task = { name: String(++made), at, http: given["httpRequest"] as HttpRequest };
    queue.waiting.add(task);
    void run(path, queue, task).catch(() => undefined);
    return { name: `${path}/tasks/${task.name}`, scheduleTime: new Date(at).toISOString() };
  }

  async function run(path: string, queue: Queue, task: Task): Promise<void> {
    const { signal } = queue.removed;
    await clock.sleep(task.at - Date.now(), signal);
    for (let retries = 0; !signal.aborted; retries++) {
      const status = await push(path, task, retries, signal);
      queue.pushed.push({ task: task.name, status });
      if (status !== null && status >= 200 && status < 300) break;
      await clock.sleep(Math.min(backoffMs[1], backoffMs[0] * 2 ** retries), signal);
    }
    queue.waiting.delete(task);
  }

  async function push(path: string, { name, http, at }: Task, retries: number, removed: AbortSignal) {
    const { url, body = "", headers = {}, oidcToken } = http;
    const token = oidcToken && (await sign(oidcToken.audience, oidcToken.serviceAccountEmail));
    try {
      const { status } = await fetch(url, {
        method: "POST",
        headers: {
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          "user-agent": "Google-Cloud-Tasks",
          "x-cloudtasks-queuename": path.split("/").at(-1) ?? "",
          "x-cloudtasks-taskname": name,
          "x-cloudtasks-taskretrycount": String(retries),
          "x-cloudtasks-tasketa": String(at / 1_000),
        },
        body: Buffer.from(body, "base64"),
        signal: AbortSignal.any([removed, AbortSignal.timeout(deadlineMs)]),
      });
      return status;
    } catch {
      return null;
    }
  }

  return {
    ...{ endpoint: service.endpoint, state: service.state },
    addQueue: (path: string) =>
      void queues.set(path, { removed: new AbortController(), pushed: [], waiting: new Set(), stalled: false }),
    removeQueue: (path: string) => {
      queues.get(path)?.removed.abort();
      queues.delete(path);
    },
    /** Sendings are not answered any more. */
    stall: (path: string) => void (queueAt(path).stalled = true),
    pushed: (path: string): readonly Pushed[] => queueAt(path).pushed,
    waiting: (path: string): readonly Task[] => [...queueAt(path).waiting],
    stop: async () => {
      for (const { removed } of queues.values()) removed.abort();
      await service.stop();
    },
  };
}
