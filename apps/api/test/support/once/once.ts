import { MemoryClock } from "@punctual/core/memory";
import { Agent, type OutgoingHttpHeaders, request as httpRequest } from "node:http";
import { daily, desk } from "../desk.js";
import { memoryStores, postgresStores } from "../fuzz/stores.js";

export interface OnceOptions {
  readonly rounds: number;
  readonly stores: "memory" | "postgres";
}

export interface OnceReport {
  readonly rounds: number;
  readonly schedules: number;
  /** Rounds that made none, or more than one. */
  readonly doubled: number;
  /** By status, `replayed` where it was said again, how many answers there were. */
  readonly answers: ReadonlyMap<string, number>;
  /** Rounds whose answers were not all the same. */
  readonly differing: number;
}

const AT_ONCE = 100;
/** A conflict may be met, and asked again. */
const MOST_TRIES = 5;

/** In each round one schedule is asked for by a hundred requests with one key, all at one time. */
export async function once({ rounds, stores: kind }: OnceOptions): Promise<OnceReport> {
  const clock = new MemoryClock(new Date());
  const stores = kind === "memory" ? memoryStores(clock) : await postgresStores();
  const one = await desk({ clock, unitOfWork: () => stores.unitOfWork });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const answers = new Map<string, number>();
  const sum = { schedules: 0, doubled: 0, differing: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      await stores.empty();
      const ask = async () => {
        for (let tries = 1; ; tries++) {
          const answer = await create(one.base, agent, `round-${round}`);
          const name = `${answer.status}${answer.replayed ? " replayed" : ""}`;
          answers.set(name, (answers.get(name) ?? 0) + 1);
          if (answer.status !== 409 || tries === MOST_TRIES) return answer;
        }
      };
      const said = await Promise.all(Array.from({ length: AT_ONCE }, ask));
      const made = await stores.unitOfWork.run("main", async ({ schedules }) => schedules.list({ limit: 1_000 }));
      const same = new Set(said.map(({ status, text }) => `${status} ${text}`));
      const first = said.filter(({ replayed }) => !replayed);
      sum.schedules += made.length;
      if (made.length !== 1) sum.doubled++;
      if (same.size !== 1 || first.length !== 1 || said[0]?.status !== 201) sum.differing++;
    }
    return { rounds, ...sum, answers };
  } finally {
    agent.destroy();
    await one.close();
    await stores.close();
  }
}

interface Said {
  readonly status: number;
  readonly text: string;
  readonly replayed: boolean;
}

async function create(base: string, agent: Agent, key: string): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  const headers: OutgoingHttpHeaders = {
    authorization: "Bearer admin:main:ada",
    "content-type": "application/json",
    "idempotency-key": key,
  };
  const request = httpRequest(`${base}/v1/schedules`, { method: "POST", agent, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 0,
        text: Buffer.concat(chunks).toString("utf8"),
        replayed: response.headers["idempotent-replayed"] === "true",
      }),
    );
  });
  request.on("error", reject);
  request.end(JSON.stringify(daily));
  return promise;
}
