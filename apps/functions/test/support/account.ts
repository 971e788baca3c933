import { SQSClient } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";
import { resolve } from "node:path";
import {
  makeQueues,
  makeQueuesOf,
  NOBODY,
  type QueueAttributes,
  type QueueOptions,
  startFakeKms,
} from "@punctual/adapter-aws/testing";
import { openInstallation } from "./installation.js";
import { EventSource, type EventSourceOptions } from "./lambda/event-source.js";
import { LambdaPool } from "./lambda/lambda-pool.js";
import type { LambdaReport } from "./lambda/lambda-function.js";

/** The bundles as `npm run build:lambda` makes them. */
const BUNDLES = resolve(import.meta.dirname, "../../../dist/lambda");

export type FunctionName = "api" | "authorizer" | "scheduler" | "worker" | "migrate" | "dead-letters" | "health";

export interface AccountOptions {
  readonly queues: QueueOptions | QueueAttributes;
  readonly workers: number;
  readonly scheduler?: Readonly<Record<string, string>>;
  /** Another way to SQS for the functions. */
  readonly sqsThrough?: (endpoint: string) => Promise<string>;
}

export type Account = Awaited<ReturnType<typeof openAccount>>;

/** As much of an account at AWS as Punctual needs: a database, queues, keys, and its functions as they are deployed. */
export async function openAccount(options: AccountOptions) {
  const installation = await openInstallation();
  const { rows } = installation;
  const sqs = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
  const endpoint = `http://127.0.0.1:${sqs.port}`;
  const client = new SQSClient({ ...NOBODY, endpoint, useQueueUrlAsEndpoint: false });
  const queues =
    "main" in options.queues ? await makeQueuesOf(client, options.queues) : await makeQueues(client, options.queues);
  const kms = await startFakeKms();

  const env = {
    ...installation.env,
    AWS_ACCESS_KEY_ID: NOBODY.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: NOBODY.credentials.secretAccessKey,
    PUNCTUAL_TRANSPORT_QUEUE_URL: queues.main,
    PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: queues.deadLetters,
    PUNCTUAL_TRANSPORT_UNREADABLE_URL: queues.unreadable,
    PUNCTUAL_TRANSPORT_ENDPOINT: (await options.sqsThrough?.(endpoint)) ?? endpoint,
    PUNCTUAL_KMS_KEYS: kms.addKey(),
    PUNCTUAL_AWS_ENDPOINT: kms.service.endpoint,
    ...options.scheduler,
  };
  /** What the functions have said, but for metrics. */
  const lines: string[] = [];
  const onLine = (line: string) => void (line.includes('"_aws"') || lines.push(line));
  const pool = (name: FunctionName, concurrency: number) =>
    new LambdaPool({ bundle: resolve(BUNDLES, name), env, region: NOBODY.region, concurrency, onLine });
  const functions = {
    api: pool("api", 4),
    authorizer: pool("authorizer", 1),
    scheduler: pool("scheduler", 1),
    worker: pool("worker", options.workers),
    migrate: pool("migrate", 1),
    deadLetters: pool("dead-letters", 1),
    health: pool("health", 1),
  };
  const sources: EventSource[] = [];
  const source = async (of: Omit<EventSourceOptions, "endpoint" | "region">) => {
    const one = new EventSource({ ...of, endpoint, region: NOBODY.region });
    sources.push(one);
    await one.start();
    return one;
  };

  expectOk(await functions.migrate.invoke({}, { timeoutMs: 60_000 }));
  return {
    ...{ functions, queues, rows, lines, env, client, endpoint, envelopes: installation.envelopes },
    /** Delivers what is in the queue, as the account's event source mapping does. */
    work: (of: Pick<EventSourceOptions, "onBatch" | "passes" | "timeoutMs"> = {}) =>
      source({
        target: functions.worker,
        queueUrl: queues.main,
        maximumConcurrency: options.workers,
        timeoutMs: 90_000,
        ...of,
      }),
    bury: (of: Pick<EventSourceOptions, "onBatch"> = {}) =>
      source({
        target: functions.deadLetters,
        queueUrl: queues.deadLetters,
        maximumConcurrency: 1,
        timeoutMs: 20_000,
        ...of,
      }),
    /** One tick, with so much time for it. */
    tick: async (timeoutMs = 50_000) =>
      expectOk(await functions.scheduler.invoke({}, { timeoutMs })) as {
        readonly seen: number;
        readonly done: number;
        readonly batches: number;
        readonly drained: boolean;
      },
    /** A request to the API through the gateway. */
    ask: async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const [route = "", query = ""] = path.split("?");
      const sent = { authorization: `Bearer ${installation.token()}`, "content-type": "application/json", ...headers };
      const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const answer = expectOk(
        await functions.api.invoke({
          ...{ httpMethod: method, path: route, resource: "/{proxy+}", isBase64Encoded: false },
          headers: sent,
          multiValueHeaders: Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, [value]])),
          queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
          multiValueQueryStringParameters: null,
          requestContext: {
            stage: "v1",
            httpMethod: method,
            path: route,
            requestId: "1",
            identity: { sourceIp: "127.0.0.1" },
          },
          body: text ?? null,
        }),
      ) as {
        readonly statusCode: number;
        readonly body: string;
        readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
      };
      return {
        status: answer.statusCode,
        header: (name: string) => answer.multiValueHeaders?.[name]?.[0] ?? "",
        body: answer.body,
        json: () => JSON.parse(answer.body) as Record<string, unknown>,
      };
    },
    close: async () => {
      for (const one of sources) await one.stop();
      await Promise.all(Object.values(functions).map((one) => one.close()));
      client.destroy();
      await Promise.all([kms.service.stop(), sqs.stop(), installation.close()]);
    },
  };
}

export function expectOk(report: LambdaReport): unknown {
  if (report.ok) return report.payload;
  throw new Error(`${report.error.errorType}: ${report.error.errorMessage}\n${report.logs.join("\n")}`);
}
