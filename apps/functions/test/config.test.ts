import { startFakeSecretsManager } from "@punctual/adapter-aws/testing";
import { expect } from "chai";
import { apiFor } from "../src/aws/api.js";
import { authorizerFor } from "../src/aws/authorizer.js";
import { deadLettersFor } from "../src/aws/dead-letters.js";
import { environmentOf } from "../src/aws/environment.js";
import { healthFor } from "../src/aws/health.js";
import { migrateFor } from "../src/aws/migrate.js";
import { schedulerFor } from "../src/aws/scheduler.js";
import { KNOWN } from "../src/aws/variables.js";
import { workerFor } from "../src/aws/worker.js";
import { BadConfig, type Environment } from "../src/config.js";
import { describeEach, itIsDescribed, itRefuses, namesIn, type Told, wrong } from "./support/configuration.js";

const SINGLE_STAGE = { PUNCTUAL_SCHEDULER: "single-stage" };
const SECRET = "s".repeat(32);
const KEY = Buffer.alloc(32, 1).toString("base64");
/** Enough for every function. */
const ALL = {
  PUNCTUAL_DATABASE_URL: "postgres://punctual@db.internal/punctual",
  PUNCTUAL_TRANSPORT_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/main",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
  PUNCTUAL_SECRET_KEYS: KEY,
  PUNCTUAL_KMS_KEYS: "alias/punctual",
  PUNCTUAL_AUTH: "secret",
  PUNCTUAL_AUTH_SECRET: SECRET,
  PUNCTUAL_AUTH_ISSUER: "https://issuer.test",
  PUNCTUAL_AUTH_AUDIENCE: "punctual",
};

const DATABASE = ["PUNCTUAL_DATABASE_URL"];
const QUEUES = ["PUNCTUAL_TRANSPORT_QUEUE_URL", "PUNCTUAL_TRANSPORT_DEAD_LETTER_URL", "PUNCTUAL_SECRET_KEYS"];
const SENDING = ["PUNCTUAL_KMS_KEYS"];
const AUTH = ["PUNCTUAL_AUTH", "PUNCTUAL_AUTH_ISSUER", "PUNCTUAL_AUTH_AUDIENCE"];

const FUNCTIONS: Readonly<Record<string, Told>> = {
  api: { make: apiFor, needs: [...DATABASE, "PUNCTUAL_SECRET_KEYS", ...SENDING, ...AUTH] },
  authorizer: { make: authorizerFor, needs: AUTH },
  scheduler: { make: schedulerFor, needs: [...DATABASE, ...QUEUES] },
  "scheduler in a single stage": {
    make: (environment) => schedulerFor({ ...environment, ...SINGLE_STAGE }),
    needs: [...DATABASE, ...SENDING],
  },
  worker: { make: workerFor, needs: [...DATABASE, ...QUEUES, ...SENDING] },
  "dead-letters": { make: deadLettersFor, needs: [...DATABASE, ...QUEUES] },
  migrate: { make: migrateFor, needs: DATABASE },
  health: { make: healthFor, needs: [...DATABASE, ...QUEUES] },
};

const CONFIGURATION = { told: FUNCTIONS, known: KNOWN, all: ALL, given: { AWS_REGION: "eu-central-1", HOME: "/" } };

describe("the configuration of functions", () => {
  describeEach(CONFIGURATION);

  itRefuses(CONFIGURATION, [
    ["a database of another kind", "migrate", { PUNCTUAL_DATABASE_URL: "mysql://db/x" }, "PUNCTUAL_DATABASE_URL"],
    ["a pool of none", "migrate", { PUNCTUAL_DATABASE_POOL: "0" }, "PUNCTUAL_DATABASE_POOL"],
    ["a key that is too short", "worker", { PUNCTUAL_SECRET_KEYS: "c2hvcnQ=" }, "PUNCTUAL_SECRET_KEYS"],
    ["a second key that is none", "worker", { PUNCTUAL_SECRET_KEYS: `${KEY},!` }, "PUNCTUAL_SECRET_KEYS"],
    ["keys that are none", "worker", { PUNCTUAL_KMS_KEYS: " , " }, "PUNCTUAL_KMS_KEYS"],
    ["a queue that is no address", "worker", { PUNCTUAL_TRANSPORT_QUEUE_URL: "main" }, "PUNCTUAL_TRANSPORT_QUEUE_URL"],
    ["another shape", "scheduler", { PUNCTUAL_SCHEDULER: "three-stage" }, "PUNCTUAL_SCHEDULER"],
    [
      "a look further ahead than SQS delays",
      "scheduler",
      { PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS: "901" },
      "PUNCTUAL_SCHEDULER_LOOK_AHEAD_SECONDS",
    ],
    ["a lease of no time", "scheduler", { PUNCTUAL_SCHEDULER_LEASE_SECONDS: "1" }, "PUNCTUAL_SCHEDULER_LEASE_SECONDS"],
    [
      "two ways to log in to the database",
      "migrate",
      { PUNCTUAL_DATABASE_IAM: "true", PUNCTUAL_DATABASE_PASSWORD_ARN: "arn" },
      "PUNCTUAL_DATABASE_IAM",
    ],
    [
      "a password beside a token",
      "api",
      { PUNCTUAL_DATABASE_IAM: "true", PUNCTUAL_DATABASE_URL: "postgres://punctual:hunter2@db.internal/punctual" },
      "PUNCTUAL_DATABASE_IAM",
    ],
    [
      "a token for nobody",
      "worker",
      { PUNCTUAL_DATABASE_IAM: "true", PUNCTUAL_DATABASE_URL: "postgres://db.internal/punctual" },
      "PUNCTUAL_DATABASE_IAM",
    ],
    ["half a token", "health", { PUNCTUAL_DATABASE_IAM: "maybe" }, "PUNCTUAL_DATABASE_IAM"],
    ["a level that is none", "health", { PUNCTUAL_LOG_LEVEL: "loud" }, "PUNCTUAL_LOG_LEVEL"],
    ["an API that is open to all", "api", { PUNCTUAL_AUTH: "off" }, "PUNCTUAL_AUTH"],
    ["an authorizer that lets all in", "authorizer", { PUNCTUAL_AUTH: "off" }, "PUNCTUAL_AUTH"],
    ["tokens without their secret", "api", { PUNCTUAL_AUTH_SECRET: "" }, "PUNCTUAL_AUTH_SECRET"],
    ["keys of nowhere", "authorizer", { PUNCTUAL_AUTH: "jwks" }, "PUNCTUAL_AUTH_JWKS_URL"],
  ]);

  itIsDescribed(CONFIGURATION);
});

describe("environmentOf", () => {
  const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:punctual/keys-AbCdEf";
  const CREDENTIALS = { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing", AWS_REGION: "eu-central-1" };
  const outside = { ...process.env };
  let manager: Awaited<ReturnType<typeof startFakeSecretsManager>>;
  let given: Environment;

  beforeEach(async () => {
    manager = await startFakeSecretsManager();
    manager.put("punctual/keys", { SecretString: `${KEY}\n` });
    manager.put("punctual/tokens", { SecretString: SECRET });
    given = { PUNCTUAL_AWS_ENDPOINT: manager.service.endpoint };
    Object.assign(process.env, CREDENTIALS);
  });
  afterEach(async () => {
    Object.assign(process.env, outside);
    for (const name of Object.keys(CREDENTIALS)) if (outside[name] === undefined) delete process.env[name];
    await manager.service.stop();
  });

  it("gives what secrets hold for the names of them, and asks for nothing else", async () => {
    const named = { PUNCTUAL_SECRET_KEYS_ARN: ARN, PUNCTUAL_AUTH_SECRET_ARN: "punctual/tokens" };
    const environment = await environmentOf({ ...given, ...named, PUNCTUAL_DATABASE_PASSWORD_ARN: "punctual/db" });
    expect(environment).to.include({ PUNCTUAL_SECRET_KEYS: KEY, PUNCTUAL_AUTH_SECRET: SECRET });
    expect(manager.service.asked).to.equal(2);
    const { PUNCTUAL_SECRET_KEYS: _keys, PUNCTUAL_AUTH_SECRET: _secret, ...others } = ALL;
    expect(await wrong(apiFor, { ...others, ...environment })).to.deep.equal([]);
  });

  it("leaves an environment that names none as it is, and asks nobody", async () => {
    const environment = { ...given, ...ALL, PUNCTUAL_SECRET_KEYS_ARN: "" };
    expect(await environmentOf(environment)).to.equal(environment);
    expect(manager.service.asked).to.equal(0);
  });

  it("refuses a secret beside the name of one: all of them at once, and repeats neither", async () => {
    const twice = { PUNCTUAL_SECRET_KEYS_ARN: "hunter2", PUNCTUAL_AUTH_SECRET_ARN: "hunter2" };
    const error: unknown = await environmentOf({ ...ALL, ...given, ...twice }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(BadConfig);
    const { message } = error as BadConfig;
    expect(namesIn(message.split("\n"))).to.deep.equal(["PUNCTUAL_SECRET_KEYS", "PUNCTUAL_AUTH_SECRET"]);
    expect(message).not.to.contain("hunter2").and.not.to.contain(KEY);
    expect(manager.service.asked).to.equal(0);
  });

  it("fails where there is no such secret", async () => {
    const error: unknown = await environmentOf({ ...given, PUNCTUAL_SECRET_KEYS_ARN: "punctual/gone" }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.have.property("code", "secret_not_found");
  });

  it("repeats nothing of a secret that is wrong", async () => {
    manager.put("punctual/keys", { SecretString: "hunter2" });
    const environment = await environmentOf({ ...given, PUNCTUAL_SECRET_KEYS_ARN: ARN });
    const lines = await wrong(deadLettersFor, { ...environment, ...without("PUNCTUAL_SECRET_KEYS") });
    expect(new Set(namesIn(lines))).to.deep.equal(new Set(["PUNCTUAL_SECRET_KEYS"]));
    expect(lines.join()).not.to.contain("hunter2");
  });
});

function without(name: keyof typeof ALL): Environment {
  return Object.fromEntries(Object.entries(ALL).filter(([key]) => key !== name));
}
