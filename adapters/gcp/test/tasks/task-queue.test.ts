import { CloudTasksClient } from "@google-cloud/tasks";
import { machineTime } from "@punctual/adapter-sdk/conformance";
import { failureOf, messageOf } from "@punctual/adapter-sdk/testing";
import { Envelopes } from "@punctual/adapter-sdk";
import { type Message, type MessageVerdict, Unavailable } from "@punctual/core";
import { MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import { atEndpoint } from "../../src/auth/at-endpoint.js";
import type { Asked } from "../../src/http/service.js";
import { type OpenCloudTasks, openCloudTasks } from "../../src/tasks/open-cloud-tasks.js";
import { TaskQueue } from "../../src/tasks/task-queue.js";
import { taskIn, taskRoute } from "../../src/tasks/task-route.js";
import { httpService } from "../support/http-service.js";
import type { Trouble } from "../support/rest-service.js";
import { startTasksServer } from "../support/tasks-server.js";

const PLACE = { project: "example-project", location: "europe-west3", queue: "events" };
const PATH = "projects/example-project/locations/europe-west3/queues/events";
const KEYS = [Buffer.alloc(32, 7)];
const { clock } = machineTime();

/** Waits for what another process does. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await clock.sleep(5);
}

describe("TaskQueue", () => {
  let server: Awaited<ReturnType<typeof startTasksServer>>;
  let target: Awaited<ReturnType<typeof httpService>>;
  let client: CloudTasksClient;
  let queue: TaskQueue;
  const pushes: { readonly headers: NodeJS.Dict<string | string[]>; readonly at: number; body: string }[] = [];
  let status: () => number;

  beforeEach(async () => {
    pushes.length = 0;
    status = () => 204;
    server = await startTasksServer({ sign: async (audience, email) => `${email} for ${audience}` });
    server.addQueue(PATH);
    target = await httpService((request, response) => {
      const push = { headers: request.headers, at: Date.now(), body: "" };
      request.on("data", (chunk: Buffer) => (push.body += chunk.toString()));
      request.on("end", () => {
        pushes.push(push);
        response.writeHead(status()).end();
      });
    });
    client = new CloudTasksClient(atEndpoint(server.endpoint));
    queue = new TaskQueue(client, config(), clock);
  });
  afterEach(async () => {
    await client.close();
    await server.stop();
    await target.stop();
  });

  const config = () => ({ ...PLACE, url: `${target.url}/tasks`, serviceAccount: "us@example.test", audience: "them" });

  it("makes a task of each text, for our worker, with a token for it", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const texts = [{ body: "one" }, { body: "ü😀", attributes: { traceparent } }];
    expect(await queue.send(texts)).to.deep.equal([null, null]);
    await until(() => pushes.length === 2);
    const [one, other] = ["one", "ü😀"].map((body) => pushes.find((push) => push.body === body));
    expect(one?.headers).to.include({ authorization: "Bearer us@example.test for them", "content-type": "text/plain" });
    expect(one?.headers).not.to.have.property("traceparent");
    expect(other?.headers).to.include({ traceparent });
  });

  it("sends more than go at one time, and answers in their order", async () => {
    const texts = Array.from({ length: 100 }, (_, index) => ({ body: `text ${index}` }));
    expect(await queue.send(texts)).to.deep.equal(texts.map(() => null));
    await until(() => pushes.length === 100);
    expect(new Set(pushes.map(({ body }) => body)).size).to.equal(100);
    expect(await queue.send([])).to.deep.equal([]);
  });

  it("has a task wait for its time, to the millisecond", async () => {
    const at = Date.now();
    await queue.send([{ body: "later", delayMs: 1_234 }]);
    await until(() => pushes.length === 1);
    expect(pushes[0]?.at).to.be.at.least(at + 1_234);
  });

  it("counts a delay from when it was told, however long a text waits for its request", async () => {
    let nowMs = Date.now();
    const slow = { ...clock, now: () => new Date((nowMs += 1_000)) }; // a second for each time that somebody looks
    const began = nowMs + 1_000;
    const texts = Array.from({ length: 60 }, (_, index) => ({ body: `text ${index}`, delayMs: 3_600_000 }));
    await new TaskQueue(client, config(), slow).send(texts);
    expect(new Set(server.waiting(PATH).map(({ at }) => at))).to.deep.equal(new Set([began + 3_600_000]));
  });

  it("takes thirty days for as much as Cloud Tasks does", async () => {
    expect(await queue.send([{ body: "far", delayMs: 2_592_000_999 }])).to.deep.equal([null]);
    const [task] = server.waiting(PATH);
    expect(task?.at).to.be.within(Date.now() + 2_591_900_000, Date.now() + 2_592_000_000);
  });

  it("has a task come again until it is acknowledged, and then no more", async () => {
    const answers = [500, 409, 200, 200];
    status = () => answers.shift() ?? 599;
    await queue.send([{ body: "again" }]);
    await until(() => server.waiting(PATH).length === 0);
    expect(pushes.map(({ headers }) => headers["x-cloudtasks-taskretrycount"])).to.deep.equal(["0", "1", "2"]);
  });

  it("says what to create where there is no such queue", async () => {
    server.removeQueue(PATH);
    const [reason] = await queue.send([{ body: "x" }]);
    const failure = await failureOf(queue.check());
    for (const told of [reason, failure.message]) {
      expect(told).to.contain("gcloud tasks queues create events --location=europe-west3 --project=example-project");
    }
    expect(failure).to.be.instanceOf(Unavailable);
  });

  it("says the same where it was removed lately", async () => {
    server.state.trouble = { kind: "fault", code: "FAILED_PRECONDITION", message: "Queue does not exist." };
    expect((await queue.send([{ body: "x" }]))[0]).to.contain("gcloud tasks queues create events");
    expect((await failureOf(queue.check())).message).to.contain("gcloud tasks queues create events");
  });

  it("looks whether it may put tasks there", async () => {
    await queue.check();
    expect(server.waiting(PATH), "tasks").to.deep.equal([]);
  });

  const troubles: Readonly<Record<string, readonly [Trouble, RegExp]>> = {
    "is asked too often": [{ kind: "fault", code: "RESOURCE_EXHAUSTED" }, /less often/],
    "fails inside": [{ kind: "fault", code: "INTERNAL" }, /INTERNAL/],
    "is away": [{ kind: "fault", code: "UNAVAILABLE" }, /cannot be reached/],
    "says nothing that can be read": [{ kind: "page", status: 502 }, /Cloud Tasks/],
    "breaks the connection": [{ kind: "reset" }, /cannot be reached/],
    "finds no credentials": [{ kind: "fault", code: "UNAUTHENTICATED" }, /credentials/],
    "forbids it": [{ kind: "fault", code: "PERMISSION_DENIED" }, /credentials/],
  };
  for (const [what, [trouble, words]] of Object.entries(troubles)) {
    it(`refuses each text, and is unavailable, where Cloud Tasks ${what}`, async () => {
      server.state.trouble = trouble;
      const reasons = await queue.send([{ body: "hunter2" }, { body: "hunter3" }]);
      expect(reasons).to.have.length(2);
      for (const reason of reasons) expect(reason).to.match(words).and.not.to.contain("hunter");
      expect(await failureOf(queue.check())).to.be.instanceOf(Unavailable);
    }).timeout(60_000);
  }

  it("repeats nothing of what Cloud Tasks says of a text", async () => {
    server.state.trouble = { kind: "fault", code: "INVALID_ARGUMENT", message: "bad body: hunter2" };
    expect(await queue.send([{ body: "hunter2" }])).to.deep.equal(["Cloud Tasks refused it (INVALID_ARGUMENT)"]);
  });

  it("refuses what it gets no answer for within its time", async () => {
    server.stall(PATH);
    const [reason] = await queue.send([{ body: "x" }]);
    expect(reason).to.equal("Cloud Tasks did not answer in time");
  }).timeout(60_000);

  it("throws where it is stopped with requests under way, and refuses all where it was before", async () => {
    server.stall(PATH);
    const stop = new AbortController();
    const sending = failureOf(queue.send([{ body: "x" }], stop.signal));
    await until(() => server.state.asked > 0);
    stop.abort();
    expect(await sending).to.be.instanceOf(Unavailable);
    const asked = server.state.asked;
    expect(await queue.send([{ body: "x" }], AbortSignal.abort()))
      .to.have.length(1)
      .and.not.to.include(null);
    expect(server.state.asked).to.equal(asked);
  });

  it("receives nothing", async () => {
    expect(await queue.receive({ most: 10, waitMs: 1, hiddenMs: 1_000 })).to.deep.equal([]);
  });

  describe("at a worker", () => {
    const all: OpenCloudTasks[] = [];
    afterEach(async () => void (await Promise.all(all.splice(0).map((one) => one.close()))));
    let telemetry: MemoryTelemetry;
    beforeEach(() => void (telemetry = new MemoryTelemetry()));
    const open = () => {
      const opened = openCloudTasks({ ...config(), endpoint: server.endpoint }, { clock, telemetry, keys: KEYS });
      all.push(opened);
      return opened;
    };
    const text = (message: Message) => new Envelopes(KEYS).seal(message);
    const due = { ...messageOf(1), dueAt: new Date(0), notBefore: new Date(0) };
    const ask = async (body: string, verdict: MessageVerdict | Error, headers: Asked["headers"] = {}) => {
      const seen: Message[] = [];
      const route = taskRoute({
        tasks: open(),
        deliver: {
          handle: (messages) => {
            seen.push(...messages);
            return messages.map(async () => {
              if (verdict instanceof Error) throw verdict;
              return verdict;
            });
          },
        },
      });
      const asked = { caller: { email: "x" }, headers, body, json: () => null, traceparent: null };
      return { reply: await route({ ...asked, stopping: new AbortController().signal }), seen };
    };
    const troubles = () => telemetry.facts.flatMap((fact) => (fact.kind === "trouble" ? [String(fact.error)] : []));

    it("acknowledges what was delivered", async () => {
      const { reply, seen } = await ask(text(due), { kind: "ack" });
      expect(reply.status).to.equal(204);
      expect(seen).to.deep.equal([due]);
    });

    it("tells of what nobody can read, and acknowledges it", async () => {
      for (const body of ["", "garbage", text(due).slice(1), new Envelopes([Buffer.alloc(32, 8)]).seal(due)]) {
        telemetry = new MemoryTelemetry();
        const { reply, seen } = await ask(body, { kind: "ack" });
        expect(reply.status, body).to.equal(204);
        expect(seen).to.deep.equal([]);
        expect(troubles()).to.have.length(1);
      }
    });

    it("tells of what is rejected, and acknowledges it", async () => {
      expect((await ask(text(due), { kind: "reject", reason: "forged" })).reply.status).to.equal(204);
      expect(troubles().join()).to.contain("forged");
    });

    it("gives back what failed, by an answer that does not slow the queue down", async () => {
      for (const verdict of [new Error("failed"), { kind: "retry", inMs: 0 } as const]) {
        expect((await ask(text(due), verdict)).reply.status).to.equal(409);
      }
      expect(server.waiting(PATH)).to.deep.equal([]);
    });

    it("puts off what is to come later by a task in its place", async () => {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const at = Date.now();
      const { reply } = await ask(text(due), { kind: "retry", inMs: 60_000 }, { traceparent });
      expect(reply.status).to.equal(204);
      const [task] = server.waiting(PATH);
      expect(task?.at).to.be.within(at + 60_000, Date.now() + 60_000);
      expect(Buffer.from(task?.http.body ?? "", "base64").toString()).to.equal(text(due));
      expect(task?.http.headers).to.include({ traceparent });
    });

    it("puts off what is early, and asks nobody about it", async () => {
      const early = { ...due, notBefore: new Date(Date.now() + 60_000) };
      const { reply, seen } = await ask(text(early), { kind: "ack" });
      expect([reply.status, seen]).to.deep.equal([204, []]);
      expect(server.waiting(PATH)).to.have.length(1);
    });

    it("gives back what it cannot put off", async () => {
      server.state.trouble = { kind: "fault", code: "UNAVAILABLE" };
      expect((await ask(text(due), { kind: "retry", inMs: 60_000 })).reply.status).to.equal(409);
      expect(troubles().join()).to.contain("cannot be put off");
    });
  });
});

describe("taskIn", () => {
  it("reads a task as it was pushed, with a receipt of its own each time", () => {
    const headers = { "x-cloudtasks-taskname": "123", traceparent: "00-a" };
    const [one, other] = [taskIn(headers, "body"), taskIn(headers, "body")];
    expect(one).to.include({ id: "123", body: "body" });
    expect(one.attributes).to.deep.equal({ traceparent: "00-a" });
    expect(one.receipt).not.to.equal(other.receipt);
  });

  it("reads one that says nothing of itself", () => {
    expect(taskIn({}, "")).to.deep.include({ id: "", body: "", attributes: {} });
  });
});
