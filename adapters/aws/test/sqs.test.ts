import { failureOf, NOON } from "@punctual/adapter-sdk/testing";
import { API_VERSION, QueueTransport } from "@punctual/adapter-sdk";
import { Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import type { SqsConfig } from "../src/config.js";
import { transport } from "../src/sqs.js";
import { JsonService } from "./support/json-service.js";

const QUEUES = {
  PUNCTUAL_TRANSPORT_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/main",
  PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
};

/** The SDK looks for them in the environment. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "nobody", AWS_SECRET_ACCESS_KEY: "nothing" };

/** As a program asks, which knows nothing of the schema but its standard. */
async function configOf(variables: Readonly<Record<string, string>>): Promise<SqsConfig | readonly string[]> {
  const result = await transport.config["~standard"].validate(variables);
  if (result.issues === undefined) return result.value;
  return result.issues.map(({ path = [], message }) => `${path.map(String).join(".")}: ${message}`);
}

const problemsIn = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const read = await configOf(variables);
  return Array.isArray(read) ? (read as readonly string[]) : [];
};

describe("the transport `sqs`", () => {
  it("says what it is", () => {
    expect(transport).to.include({ name: "sqs", apiVersion: API_VERSION });
    expect(transport.capabilities).to.include({ name: "sqs", maxDelaySeconds: 900, maxBatch: 10, early: "transport" });
  });

  it("needs the addresses of two queues, and has defaults for the rest", async () => {
    expect(await configOf(QUEUES)).to.deep.equal({
      queueUrl: QUEUES.PUNCTUAL_TRANSPORT_QUEUE_URL,
      deadLetterUrl: QUEUES.PUNCTUAL_TRANSPORT_DEAD_LETTER_URL,
      ...{ unreadableUrl: null, region: null, endpoint: null, visibilitySeconds: 60, waitSeconds: 5 },
    });
  });

  it("reads all of it", async () => {
    const read = await configOf({
      ...QUEUES,
      PUNCTUAL_TRANSPORT_UNREADABLE_URL: "http://sqs.local_stack:4566/000000000000/unreadable",
      PUNCTUAL_TRANSPORT_REGION: "eu-west-1",
      PUNCTUAL_TRANSPORT_ENDPOINT: "http://127.0.0.1:4566",
      PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: "720",
      PUNCTUAL_TRANSPORT_WAIT_SECONDS: "20",
    });
    expect(read).to.deep.include({
      unreadableUrl: "http://sqs.local_stack:4566/000000000000/unreadable",
      ...{ region: "eu-west-1", endpoint: "http://127.0.0.1:4566", visibilitySeconds: 720, waitSeconds: 20 },
    });
  });

  it("tells all that is missing at once", async () => {
    expect((await problemsIn({})).map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(QUEUES));
  });

  it("tells all that is wrong at once, and repeats nothing of it", async () => {
    const wrong = {
      PUNCTUAL_TRANSPORT_QUEUE_URL: "hunter2",
      PUNCTUAL_TRANSPORT_DEAD_LETTER_URL: "ftp://hunter2",
      PUNCTUAL_TRANSPORT_UNREADABLE_URL: "https://hunter2 hunter2",
      PUNCTUAL_TRANSPORT_REGION: "",
      PUNCTUAL_TRANSPORT_ENDPOINT: "//hunter2",
      PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: "hunter2",
      PUNCTUAL_TRANSPORT_WAIT_SECONDS: "21",
    };
    const problems = await problemsIn(wrong);
    expect(problems.map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(wrong));
    expect(problems.join()).not.to.contain("hunter2");
  });

  for (const [name, values] of Object.entries({
    PUNCTUAL_TRANSPORT_VISIBILITY_SECONDS: ["0", "43201", "1.5", "-1"],
    PUNCTUAL_TRANSPORT_WAIT_SECONDS: ["0", "21", "x"],
  })) {
    it(`refuses what ${name} cannot be`, async () => {
      for (const value of values) expect(await problemsIn({ ...QUEUES, [name]: value }), value).to.have.length(1);
    });
  }

  it("tells a slip in a name", async () => {
    const problems = await problemsIn({ ...QUEUES, PUNCTUAL_TRANSPORT_QUEUE: "hunter2" });
    expect(problems.join()).to.contain("PUNCTUAL_TRANSPORT_QUEUE").and.not.to.contain("hunter2");
  });

  it("opens a transport that can be looked at, and closed", async () => {
    const before = { ...process.env };
    const service = await JsonService.start({
      GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: "0" } }),
    });
    try {
      Object.assign(process.env, CREDENTIALS);
      const config = await configOf({
        ...QUEUES,
        PUNCTUAL_TRANSPORT_ENDPOINT: service.endpoint,
        PUNCTUAL_TRANSPORT_REGION: "eu-central-1",
      });
      const deps = { clock: new MemoryClock(NOON), telemetry: new MemoryTelemetry(), keys: [Buffer.alloc(32, 1)] };
      const opened = await transport.create({ config: config as SqsConfig, ...deps });
      expect(opened.transport).to.be.instanceOf(QueueTransport);
      await opened.check();
      expect(service.asked).to.equal(2);
      service.trouble = { kind: "fault", type: "AccessDeniedException", status: 400 };
      expect(await failureOf(opened.check())).to.be.instanceOf(Unavailable);
      await opened.close();
    } finally {
      Object.assign(process.env, before);
      for (const name of Object.keys(CREDENTIALS)) if (before[name] === undefined) delete process.env[name];
      await service.stop();
    }
  });
});
