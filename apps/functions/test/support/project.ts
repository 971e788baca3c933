import { claimsOf, startFakeKms, startIssuer } from "@punctual/adapter-gcp/testing";
import { resolve } from "node:path";
import { askAt } from "../platforms/ask-at.js";
import { CloudRunService } from "./cloud-run.js";
import { openInstallation } from "./installation.js";

const ENTRIES = resolve(import.meta.dirname, "../../src/gcp/entries");

export const PROJECT = "punctual-test";
/** Who calls services, and what for. */
export const CALLER = {
  serviceAccountEmail: "caller@punctual-test.iam.gserviceaccount.com",
  audience: "https://punctual.test",
} as const;
/** So many messages are pushed to one instance of the worker at a time. */
export const CONCURRENCY = 10;

export interface ProjectOptions {
  readonly workers: number;
  readonly env: Readonly<Record<string, string>>;
  /** What the worker has answered to what. */
  readonly onAnswer?: (body: string, status: number) => void;
}

export type Project = Awaited<ReturnType<typeof openProject>>;

/** As much of a project at Google as Punctual needs, whatever carries its messages: services at their addresses, and their keys. */
export async function openProject({ workers, env: more, onAnswer = () => undefined }: ProjectOptions) {
  const installation = await openInstallation();
  const issuer = await startIssuer();
  const kms = await startFakeKms();
  const lines: string[] = [];
  const env: Record<string, string> = {
    ...installation.env,
    PUNCTUAL_GCP_PROJECT: PROJECT,
    PUNCTUAL_KMS_KEYS: kms.addKey(),
    PUNCTUAL_GCP_ENDPOINT: kms.endpoint,
    PUNCTUAL_CALLERS: CALLER.serviceAccountEmail,
    PUNCTUAL_CALLERS_AUDIENCE: CALLER.audience,
    PUNCTUAL_CALLERS_JWKS_URL: issuer.jwksUrl,
    METADATA_SERVER_DETECTION: "none",
    ...more,
  };
  const entryOf = (name: string) => resolve(ENTRIES, `${name}.js`);
  const service = async (name: string, maxInstances = 1, concurrency = 80) => {
    const onLine = (line: string) => void lines.push(line);
    const heard = name === "worker" ? { onAnswer } : {};
    return CloudRunService.open({ entry: entryOf(name), env, maxInstances, concurrency, onLine, ...heard });
  };
  const services = {
    api: await service("api"),
    scheduler: await service("scheduler"),
    worker: await service("worker", workers, CONCURRENCY),
    deadLetters: await service("dead-letters"),
  };
  const token = async () => issuer.sign(claimsOf(CALLER.audience, CALLER.serviceAccountEmail, new Date()));
  const [long, { audience, serviceAccountEmail }] = [new Date(Date.now() - 7_200_000), CALLER];
  const wrong: Readonly<Record<string, () => Promise<string | null>>> = {
    "no token": async () => null,
    "another audience": async () => issuer.sign(claimsOf("https://other.test", serviceAccountEmail, new Date())),
    expired: async () => issuer.sign(claimsOf(audience, serviceAccountEmail, long)),
    "another account": async () => issuer.sign(claimsOf(audience, "somebody@else.test", new Date())),
    changed: async () => `${(await token()).slice(0, -8)}AAAAAAAA`,
  };
  return {
    ...{ installation, issuer, services, lines },
    ask: askAt(services.api.url, installation.token),
    /** Tells the services what carries messages, before the first of them is asked, and makes the tables. */
    begin: async (transport: Readonly<Record<string, string>>) => {
      Object.assign(env, transport);
      await CloudRunService.job(entryOf("migrate"), env);
    },
    /** Has an instance of each service there. */
    warm: async () => {
      await Promise.all(Object.values(services).map(async ({ url }) => fetch(`${url}/health/live`)));
    },
    /** One trigger of Cloud Scheduler; what it was answered. */
    tick: async () => {
      const headers = { authorization: `Bearer ${await token()}` };
      const response = await fetch(`${services.scheduler.url}/tick`, { method: "POST", headers, body: "" });
      return { status: response.status, body: await response.text() };
    },
    /** Pushes a text to the worker as each who may not; what it answered. */
    intrude: async (text: string) => {
      const body = JSON.stringify({
        message: { data: Buffer.from(text).toString("base64"), messageId: "1", publishTime: new Date().toISOString() },
        subscription: `projects/${PROJECT}/subscriptions/intruder`,
      });
      const answers: Record<string, number> = {};
      for (const [who, make] of Object.entries(wrong)) {
        const shown = await make();
        const headers = shown === null ? {} : { authorization: `Bearer ${shown}` };
        answers[who] = (await fetch(`${services.worker.url}/push`, { method: "POST", headers, body })).status;
      }
      return answers;
    },
    close: async () => {
      await Promise.all(Object.values(services).map((one) => one.close()));
      await Promise.all([kms.stop(), issuer.stop(), installation.close()]);
    },
  };
}
