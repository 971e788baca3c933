import { API_VERSION, QueueTransport } from "@punctual/adapter-sdk";
import { failureOf, NOON } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import { transport } from "../../src/cloud-tasks.js";
import type { CloudTasksConfig } from "../../src/tasks/config.js";
import { startTasksServer } from "../support/tasks-server.js";

const NEEDED = {
  PUNCTUAL_TRANSPORT_PROJECT: "example-project",
  PUNCTUAL_TRANSPORT_LOCATION: "europe-west3",
  PUNCTUAL_TRANSPORT_QUEUE: "events",
  PUNCTUAL_TRANSPORT_URL: "https://worker-abc.a.run.app/tasks",
  PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT: "invoker@example-project.iam.gserviceaccount.com",
};

/** As a program asks, which knows nothing of the schema but its standard. */
async function configOf(variables: Readonly<Record<string, string>>): Promise<CloudTasksConfig | readonly string[]> {
  const result = await transport.config["~standard"].validate(variables);
  if (result.issues === undefined) return result.value;
  return result.issues.map(({ path = [], message }) => `${path.map(String).join(".")}: ${message}`);
}

const problemsIn = async (variables: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const read = await configOf(variables);
  return Array.isArray(read) ? (read as readonly string[]) : [];
};

describe("the transport `cloud-tasks`", () => {
  it("says what it is", () => {
    expect(transport).to.include({ name: "cloud-tasks", apiVersion: API_VERSION });
    expect(transport.capabilities).to.deep.equal({
      ...{ name: "cloud-tasks", maxDelaySeconds: 2_592_000, maxBatch: 100, maxBodyBytes: 100_000 },
      ...{ ordering: "none", deadLetters: false, push: true, early: "transport" },
    });
  });

  it("needs a queue, a worker and an account, and makes tokens for the worker", async () => {
    expect(await configOf(NEEDED)).to.deep.equal({
      ...{ project: "example-project", location: "europe-west3", queue: "events" },
      ...{ url: "https://worker-abc.a.run.app/tasks", audience: "https://worker-abc.a.run.app/tasks" },
      serviceAccount: "invoker@example-project.iam.gserviceaccount.com",
      endpoint: null,
    });
  });

  it("reads all of it", async () => {
    const more = { PUNCTUAL_TRANSPORT_AUDIENCE: "punctual", PUNCTUAL_TRANSPORT_ENDPOINT: "http://127.0.0.1:8123" };
    const read = await configOf({ ...NEEDED, ...more });
    expect(read).to.deep.include({ audience: "punctual", endpoint: "http://127.0.0.1:8123" });
  });

  it("tells all that is missing at once", async () => {
    expect((await problemsIn({})).map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(NEEDED));
  });

  it("tells all that is wrong at once, and repeats nothing of it", async () => {
    const wrong = {
      PUNCTUAL_TRANSPORT_PROJECT: "Hunter2!",
      PUNCTUAL_TRANSPORT_LOCATION: "hunter2",
      PUNCTUAL_TRANSPORT_QUEUE: "hunter2/queues",
      PUNCTUAL_TRANSPORT_URL: "ftp://hunter2",
      PUNCTUAL_TRANSPORT_SERVICE_ACCOUNT: "hunter2",
      PUNCTUAL_TRANSPORT_AUDIENCE: "",
      PUNCTUAL_TRANSPORT_ENDPOINT: "http://hunter2:x",
    };
    const problems = await problemsIn(wrong);
    expect(problems.map((problem) => problem.split(":")[0])).to.deep.equal(Object.keys(wrong));
    expect(problems.join().toLowerCase()).not.to.contain("hunter2");
  });

  it("tells a slip in a name", async () => {
    const problems = await problemsIn({ ...NEEDED, PUNCTUAL_TRANSPORT_QUEUE_URL: "hunter2" });
    expect(problems.join()).to.contain("PUNCTUAL_TRANSPORT_QUEUE_URL").and.not.to.contain("hunter2");
  });

  it("opens a transport that can be looked at, and closed", async () => {
    const server = await startTasksServer({ sign: async () => "token" });
    try {
      const path = "projects/example-project/locations/europe-west3/queues/events";
      server.addQueue(path);
      const config = await configOf({ ...NEEDED, PUNCTUAL_TRANSPORT_ENDPOINT: server.endpoint });
      const deps = { clock: new MemoryClock(NOON), telemetry: new MemoryTelemetry(), keys: [Buffer.alloc(32, 1)] };
      const opened = await transport.create({ config: config as CloudTasksConfig, ...deps });
      expect(opened.transport).to.be.instanceOf(QueueTransport);
      await opened.check();
      server.removeQueue(path);
      expect(await failureOf(opened.check())).to.be.instanceOf(Unavailable);
      await opened.close();
    } finally {
      await server.stop();
    }
  });
});
