import {
  claimsOf,
  makeTopics,
  openClients,
  PubsubServer,
  startFakeKms,
  startIssuer,
} from "@punctual/adapter-gcp/testing";
import { REASON } from "@punctual/adapter-sdk";
import { resolve } from "node:path";
import { type CloudRunOptions, CloudRunService } from "../support/cloud-run.js";
import { type Installation, openInstallation } from "../support/installation.js";
import { askAt } from "./ask-at.js";
import type { Platform, PlatformOptions } from "./platform.js";

const ENTRIES = resolve(import.meta.dirname, "../../src/gcp/entries");
const AUDIENCE = "https://punctual.test";
const ACCOUNT = "pusher@punctual-test.iam.gserviceaccount.com";
const PROJECT = "punctual-test";
/** So many messages are pushed to one instance at a time. */
const CONCURRENCY = 10;
/** As Pub/Sub allows at the least. */
const LEAST_ACK_SECONDS = 10;

export type OnGcp = Platform & {
  /** So many pushes of messages were answered. */
  pushed(): number;
  /** Has an instance of each service there. */
  warm(): Promise<void>;
  /** One tick; what it was answered. */
  tick(): Promise<{ readonly status: number; readonly body: string }>;
};

/** Pub/Sub and Cloud Run: services behind their addresses, that are pushed to by who shows a token. */
export async function onGcp({ workers, hiddenSeconds, scheduler }: PlatformOptions): Promise<OnGcp> {
  const installation = await openInstallation();
  const issuer = await startIssuer();
  const kms = await startFakeKms();
  const pubsub = await PubsubServer.start({ sign: issuer.sign });
  const clients = await openClients(pubsub.endpoint);
  const lines: string[] = [];
  const pushes = new Pushes(installation);
  const env: Record<string, string> = {
    ...installation.env,
    PUNCTUAL_GCP_PROJECT: PROJECT,
    PUNCTUAL_KMS_KEYS: kms.addKey(),
    PUNCTUAL_GCP_ENDPOINT: kms.endpoint,
    PUNCTUAL_CALLERS: ACCOUNT,
    PUNCTUAL_CALLERS_AUDIENCE: AUDIENCE,
    PUNCTUAL_CALLERS_JWKS_URL: issuer.jwksUrl,
    METADATA_SERVER_DETECTION: "none",
    ...scheduler,
  };
  const service = async (name: string, options: Partial<CloudRunOptions>) =>
    CloudRunService.open({
      entry: resolve(ENTRIES, `${name}.js`),
      ...{ env, maxInstances: 1, concurrency: 80, onLine: (line: string) => void lines.push(line) },
      ...options,
    });
  const services = {
    api: await service("api", {}),
    scheduler: await service("scheduler", {}),
    worker: await service("worker", {
      ...{ maxInstances: workers, concurrency: CONCURRENCY },
      onAnswer: (body, status) => pushes.note(body, status),
    }),
    deadLetters: await service("dead-letters", {}),
  };
  const topics = await makeTopics(clients, {
    ackDeadlineSeconds: Math.max(hiddenSeconds, LEAST_ACK_SECONDS),
    push: {
      messages: `${services.worker.url}/push`,
      deadLetters: `${services.deadLetters.url}/push`,
      oidcToken: { serviceAccountEmail: ACCOUNT, audience: AUDIENCE },
    },
  });
  const short = (name: string) => name.split("/").at(-1) ?? "";
  Object.assign(env, {
    PUNCTUAL_TRANSPORT_PROJECT: PROJECT,
    PUNCTUAL_TRANSPORT_TOPIC: short(topics.main),
    PUNCTUAL_TRANSPORT_SUBSCRIPTION: short(topics.subscription),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: short(topics.deadLetters),
    PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: short(topics.deadLetterSubscription),
    PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: short(topics.unreadable),
    PUNCTUAL_TRANSPORT_ENDPOINT: pubsub.endpoint,
    PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: String(Math.max(hiddenSeconds, LEAST_ACK_SECONDS)),
  });
  await CloudRunService.job(resolve(ENTRIES, "migrate.js"), env);
  const tick = async () => {
    const token = await issuer.sign(claimsOf(AUDIENCE, ACCOUNT, new Date()));
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${services.scheduler.url}/tick`, { method: "POST", headers, body: "" });
    return { status: response.status, body: await response.text() };
  };
  return {
    ...{ name: "gcp", lines, places: CONCURRENCY, tick, pushed: () => pushes.all },
    ...{ rows: installation.rows, envelopes: installation.envelopes },
    // It comes back as Google's emulator does: with nothing.
    carrier: {
      kill: async () => pubsub.lose(),
      start: async () => {
        await pubsub.resume();
        await topics.restore();
      },
    },
    warm: async () => {
      await Promise.all(Object.values(services).map(async ({ url }) => fetch(`${url}/health/live`)));
    },
    ask: askAt(services.api.url, installation.token),
    put: async (text) => topics.send(text),
    work: async () => undefined,
    turn: async () => void (await tick()),
    killWorker: () => services.worker.killOne(),
    killScheduler: () => services.scheduler.killOne(),
    aside: async () =>
      [...topics.kept.seen.values()].map(({ body, attributes }) => ({ body, reason: attributes[REASON] ?? "none" })),
    deadLetters: async () => pubsub.depthOf(topics.deadLetterSubscription),
    demands: async () => [await pushes.demand()],
    close: async () => {
      await Promise.all(Object.values(services).map((one) => one.close()));
      await topics.remove();
      await Promise.all([clients.publisher.close(), clients.subscriber.close()]);
      await Promise.all([pubsub.stop(), kms.stop(), issuer.stop(), installation.close()]);
    },
  };
}

/** What was answered to pushes of messages. */
class Pushes {
  all = 0;
  readonly #installation: Installation;
  readonly #again: string[] = [];

  constructor(installation: Installation) {
    this.#installation = installation;
  }

  note(body: string, status: number): void {
    if (body === "") return;
    this.all++;
    if (status < 300) return;
    const { message } = JSON.parse(body) as { readonly message: { readonly data?: string } };
    const opened = this.#installation.envelopes.open(Buffer.from(message.data ?? "", "base64").toString());
    if ("message" in opened) this.#again.push(opened.message.eventId);
  }

  async demand() {
    const text = `select id from event_history where type in ('spoilt', 'poison')
      union select id from events where type in ('spoilt', 'poison')`;
    const { rows } = await this.#installation.rows.query<{ id: string }>(text);
    const wrong = new Set(rows.map(({ id }) => id));
    const without = this.#again.filter((id) => !wrong.has(id)).length;
    return {
      what: "pushes: only messages whose event could not be begun were refused",
      seen: `${without} without cause, ${this.#again.length - without} with, of ${this.all}`,
      held: without === 0 && this.#again.length > 20,
    };
  }
}
