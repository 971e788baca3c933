import { expect } from "chai";
import { BadConfig, type Environment } from "../src/config.js";
import { apiFor } from "../src/gcp/api.js";
import type { Running } from "../src/gcp/base.js";
import { deadLettersFor } from "../src/gcp/dead-letters.js";
import { migrate } from "../src/gcp/migrate.js";
import { schedulerFor } from "../src/gcp/scheduler.js";
import { KNOWN } from "../src/gcp/variables.js";
import { workerFor } from "../src/gcp/worker.js";
import { describeEach, itIsDescribed, itRefuses, type Told } from "./support/configuration.js";

const SINGLE_STAGE = { PUNCTUAL_SCHEDULER: "single-stage" };
const CLOUD_TASKS = { PUNCTUAL_TRANSPORT: "cloud-tasks" };
const SECRET = "s".repeat(32);
const KEY = Buffer.alloc(32, 1).toString("base64");
const CRYPTO_KEY = "projects/punctual/locations/europe-west3/keyRings/punctual/cryptoKeys/destinations";
/** Enough for every service, with either transport. Nobody listens where the database is said to be. */
const ALL = {
  PUNCTUAL_GCP_PROJECT: "punctual",
  PUNCTUAL_DATABASE_URL: "postgres://punctual@127.0.0.1:1/punctual",
  PUNCTUAL_TRANSPORT_PROJECT: "punctual",
  PUNCTUAL_TRANSPORT_TOPIC: "events",
  PUNCTUAL_TRANSPORT_SUBSCRIPTION: "events-worker",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: "dead-letters",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: "dead-letters-service",
  PUNCTUAL_TRANSPORT_LOCATION: "europe-west3",
  PUNCTUAL_TRANSPORT_QUEUE: "events",
  PUNCTUAL_TRANSPORT_URL: "https://worker.run.test/push",
  PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT: "caller@punctual.iam.gserviceaccount.com",
  PUNCTUAL_SECRET_KEYS: KEY,
  PUNCTUAL_KMS_KEYS: CRYPTO_KEY,
  PUNCTUAL_CALLERS: "caller@punctual.iam.gserviceaccount.com",
  PUNCTUAL_CALLERS_AUDIENCE: "https://punctual.test",
  PUNCTUAL_AUTH: "secret",
  PUNCTUAL_AUTH_SECRET: SECRET,
  PUNCTUAL_AUTH_ISSUER: "https://issuer.test",
  PUNCTUAL_AUTH_AUDIENCE: "punctual",
};

const TOPIC = "PUNCTUAL_TRANSPORT_TOPIC";
const ANY = ["PUNCTUAL_GCP_PROJECT", "PUNCTUAL_DATABASE_URL"];
const PUBSUB = [
  "PUNCTUAL_TRANSPORT_PROJECT",
  TOPIC,
  "PUNCTUAL_TRANSPORT_SUBSCRIPTION",
  "PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC",
  "PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION",
];
const TASKS = [
  "PUNCTUAL_TRANSPORT_PROJECT",
  "PUNCTUAL_TRANSPORT_LOCATION",
  "PUNCTUAL_TRANSPORT_QUEUE",
  "PUNCTUAL_TRANSPORT_URL",
  "PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT",
];
const KEYS = ["PUNCTUAL_SECRET_KEYS"];
const SENDING = ["PUNCTUAL_KMS_KEYS"];
const CALLERS = ["PUNCTUAL_CALLERS", "PUNCTUAL_CALLERS_AUDIENCE"];
const AUTH = ["PUNCTUAL_AUTH", "PUNCTUAL_AUTH_ISSUER", "PUNCTUAL_AUTH_AUDIENCE"];

const SERVICES: Readonly<Record<string, Told>> = {
  api: { make: opened(apiFor), needs: [...ANY, ...KEYS, ...SENDING, ...AUTH] },
  scheduler: { make: opened(schedulerFor), needs: [...ANY, ...PUBSUB, ...KEYS, ...CALLERS] },
  "scheduler on Cloud Tasks": {
    make: opened(schedulerFor, CLOUD_TASKS),
    needs: [...ANY, ...TASKS, ...KEYS, ...CALLERS],
  },
  "scheduler in a single stage": {
    make: opened(schedulerFor, SINGLE_STAGE),
    needs: [...ANY, ...SENDING, ...CALLERS],
  },
  worker: { make: opened(workerFor), needs: [...ANY, ...PUBSUB, ...KEYS, ...SENDING, ...CALLERS] },
  "worker on Cloud Tasks": {
    make: opened(workerFor, CLOUD_TASKS),
    needs: [...ANY, ...TASKS, ...KEYS, ...SENDING, ...CALLERS],
  },
  "dead-letters": { make: opened(deadLettersFor), needs: [...ANY, ...PUBSUB, ...KEYS, ...CALLERS] },
  migrate: { make: migrated, needs: ANY },
};

/** As they listen, so they must be closed. */
function opened(start: (environment: Environment) => Promise<Running>, choice: Environment = {}): Told["make"] {
  return async (environment) => {
    const running = await start({ ...environment, ...choice, PORT: environment["PORT"] ?? "0" });
    expect(running.port).to.be.greaterThan(0);
    expect(await running.close(1_000), "closed").to.equal(true);
  };
}

/** It does what it is for at once, and so comes as far as a database that is not there. */
async function migrated(environment: Environment): Promise<void> {
  const error: unknown = await migrate(environment).then(
    () => expect.fail("there is no database"),
    (reason: unknown) => reason,
  );
  if (error instanceof BadConfig) throw error;
  expect(error).to.have.property("family", "unavailable");
}

const CONFIGURATION = {
  ...{ told: SERVICES, known: KNOWN, all: ALL },
  given: { K_REVISION: "api-00001", K_SERVICE: "api", PORT: "0" },
};

describe("the configuration of services on Cloud Run", () => {
  const { METADATA_SERVER_DETECTION: outside } = process.env;
  // Whoever makes a client of KMS asks where it runs.
  before(() => (process.env["METADATA_SERVER_DETECTION"] = "none"));
  after(() => {
    if (outside === undefined) delete process.env["METADATA_SERVER_DETECTION"];
    else process.env["METADATA_SERVER_DETECTION"] = outside;
  });

  describeEach(CONFIGURATION);

  itRefuses(CONFIGURATION, [
    ["a database of another kind", "migrate", { PUNCTUAL_DATABASE_URL: "mysql://db/x" }, "PUNCTUAL_DATABASE_URL"],
    ["IAM that is neither on nor off", "migrate", { PUNCTUAL_DATABASE_IAM: "on" }, "PUNCTUAL_DATABASE_IAM"],
    ["a port that is none", "api", { PORT: "65536" }, "PORT"],
    ["another transport", "worker", { PUNCTUAL_TRANSPORT: "sqs" }, "PUNCTUAL_TRANSPORT"],
    ["a topic by its whole name", "worker", { [TOPIC]: "projects/p/topics/t" }, TOPIC],
    ["a topic that is named as Google's", "worker", { [TOPIC]: "google-events" }, TOPIC],
    [
      "an ack deadline that Pub/Sub does not have",
      "worker",
      { PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: "601" },
      "PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS",
    ],
    [
      "a zone in place of a location",
      "worker on Cloud Tasks",
      { PUNCTUAL_TRANSPORT_LOCATION: "europe-west3-a" },
      "PUNCTUAL_TRANSPORT_LOCATION",
    ],
    [
      "a worker that has no address",
      "scheduler on Cloud Tasks",
      { PUNCTUAL_TRANSPORT_URL: "worker/push" },
      "PUNCTUAL_TRANSPORT_URL",
    ],
    ["a key that is too short", "worker", { PUNCTUAL_SECRET_KEYS: "c2hvcnQ=" }, "PUNCTUAL_SECRET_KEYS"],
    ["keys that are none", "api", { PUNCTUAL_KMS_KEYS: " , " }, "PUNCTUAL_KMS_KEYS"],
    ["callers that are no accounts", "dead-letters", { PUNCTUAL_CALLERS: "allUsers" }, "PUNCTUAL_CALLERS"],
    ["callers without any", "scheduler", { PUNCTUAL_CALLERS: "," }, "PUNCTUAL_CALLERS"],
    ["a check that may be on", "worker", { PUNCTUAL_CALLERS_CHECKED: "yes" }, "PUNCTUAL_CALLERS_CHECKED"],
    ["another shape", "scheduler", { PUNCTUAL_SCHEDULER: "three-stage" }, "PUNCTUAL_SCHEDULER"],
    ["a tick of no time", "scheduler", { PUNCTUAL_TICK_SECONDS: "14" }, "PUNCTUAL_TICK_SECONDS"],
    ["a collector by gRPC", "api", { PUNCTUAL_OTLP_URL: "grpc://127.0.0.1:4317" }, "PUNCTUAL_OTLP_URL"],
    ["an API that is open to all", "api", { PUNCTUAL_AUTH: "off" }, "PUNCTUAL_AUTH"],
    ["tokens without their secret", "api", { PUNCTUAL_AUTH_SECRET: "" }, "PUNCTUAL_AUTH_SECRET"],
  ]);

  itIsDescribed(CONFIGURATION);
});
