import { expect } from "chai";
import { existsSync } from "node:fs";
import { Bundles } from "./support/lambda/bundle.js";
import { Gate } from "./support/lambda/gate.js";
import { LambdaFunction, type LambdaOptions, type LambdaReport } from "./support/lambda/lambda-function.js";
import { LambdaPool } from "./support/lambda/lambda-pool.js";

describe("LambdaFunction", () => {
  const bundles = new Bundles();
  let closing: { close(): Promise<void> }[] = [];

  afterEach(async () => {
    await Promise.all(closing.map((one) => one.close()));
    closing = [];
  });
  after(() => bundles.remove());

  async function functionOf(text: string, options: Partial<LambdaOptions> = {}): Promise<LambdaFunction> {
    const made = new LambdaFunction({ bundle: await bundles.make(text), ...options });
    closing.push(made);
    return made;
  }

  async function gate(): Promise<Gate> {
    const opened = await Gate.open();
    closing.push(opened);
    return opened;
  }

  it("answers what the handler answers, by the same process again and again", async () => {
    const double = await functionOf(`let calls = 0;
      export const handler = async ({ value }) => ({ double: value * 2, pid: process.pid, calls: ++calls });`);

    const [first, second] = [await double.invoke({ value: 2 }), await double.invoke({ value: 21 })];

    expect([first.coldStart, second.coldStart]).to.deep.equal([true, false]);
    expect(payloadOf(first)).to.include({ double: 4, calls: 1 });
    expect(payloadOf(second)).to.deep.equal({ ...(payloadOf(first) as object), double: 42, calls: 2 });
    expect(second.requestId).not.to.equal(first.requestId);
  });

  it("takes an answer of nothing as null", async () => {
    const silent = await functionOf("export const handler = async () => {};");
    expect(payloadOf(await silent.invoke({}))).to.equal(null);
  });

  it("tells the handler what Lambda tells it", async () => {
    const telling = await functionOf(
      `export const handler = async (event, context) => ({
        ...context, remaining: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID });`,
      { name: "worker", memoryMb: 256, region: "eu-west-1" },
    );

    const report = await telling.invoke({}, { timeoutMs: 20_000 });

    const { remaining, trace, logStreamName, ...context } = payloadOf(report) as Record<string, unknown>;
    expect(context).to.deep.equal({
      awsRequestId: report.requestId,
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:000000000000:function:worker",
      functionName: "worker",
      functionVersion: "$LATEST",
      memoryLimitInMB: "256",
      logGroupName: "/aws/lambda/worker",
    });
    expect(remaining).to.be.within(1, 20_000);
    expect(trace).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    expect(logStreamName).to.match(/^\[\$LATEST\][0-9a-f]{32}$/);
  });

  it("gives the process the environment that it was given, and Lambda's, and nothing of this machine", async () => {
    const telling = await functionOf("export const handler = async () => process.env;", {
      env: { API_ISSUER: "https://issuer.example", AWS_LAMBDA_FUNCTION_NAME: "of one's own" },
      name: "api",
    });

    const env = payloadOf(await telling.invoke({})) as Record<string, string>;

    expect(env).to.include({ API_ISSUER: "https://issuer.example", AWS_LAMBDA_FUNCTION_NAME: "api", TZ: ":UTC" });
    expect(env).to.include({ _HANDLER: "index.handler", AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" });
    expect(env).not.to.have.any.keys("PATH", "HOME", "PWD", "NODE_OPTIONS");
  });

  it("ends a process that takes more memory than it has", async () => {
    const greedy = await functionOf(
      "const kept = []; export const handler = async () => { for (;;) kept.push(new Array(10_000).fill({})); };",
      { memoryMb: 32 },
    );
    expect(errorOf(await greedy.invoke({})).errorMessage).to.contain("Runtime exited with error: signal: SIGABRT");
  });

  it("runs a bundle where no packages are above it, and removes it afterwards", async () => {
    const text = `export const handler = async () => ({
      found: await import("chai").then(() => true, (error) => error.code), root: process.env.LAMBDA_TASK_ROOT });`;
    const lonely = await functionOf(text);

    const { found, root } = payloadOf(await lonely.invoke({})) as { readonly found: unknown; readonly root: string };

    expect(found).to.equal("ERR_MODULE_NOT_FOUND");
    expect(existsSync(root)).to.equal(true);
    await lonely.close();
    expect(existsSync(root)).to.equal(false);
  });

  it("reports what the handler throws, and goes on", async () => {
    const failing = await functionOf(`export const handler = async ({ fails }) => {
      if (fails) throw new RangeError("Too far"); return "well"; };`);

    const failed = await failing.invoke({ fails: true });
    const well = await failing.invoke({ fails: false });

    expect(errorOf(failed)).to.include({ errorType: "RangeError", errorMessage: "Too far" });
    expect(errorOf(failed).trace?.[0]).to.equal("RangeError: Too far");
    expect(failed.logs.join()).to.match(/^Invoke Error\t.*Too far/);
    expect([well.coldStart, payloadOf(well)]).to.deep.equal([false, "well"]);
  });

  it("refuses an answer that is larger than Lambda passes on", async () => {
    const talking = await functionOf(`export const handler = async ({ length }) => "x".repeat(length);`);
    expect(errorOf(await talking.invoke({ length: 6_291_555 })).errorType).to.equal("Function.ResponseSizeTooLarge");
    expect(payloadOf(await talking.invoke({ length: 6_291_554 }))).to.have.length(6_291_554);
  });

  const unable: readonly [string, string, object][] = [
    ["throws", `throw new Error("No DATABASE_URL");`, { errorType: "Error", errorMessage: "No DATABASE_URL" }],
    ["has no handler", "export const handle = 1;", { errorType: "Runtime.HandlerNotFound" }],
    [
      "takes a callback",
      "export const handler = (event, context, callback) => callback(null, {});",
      { errorType: "Runtime.CallbackHandlerDeprecated" },
    ],
    ["leaves", "process.exit(3);", { errorMessage: "RequestId:  Error: Runtime exited with error: exit status 3" }],
  ];
  for (const [what, text, error] of unable) {
    it(`reports a bundle that ${what} when it is loaded, and tries again`, async () => {
      const starting = await functionOf(`console.log("loading"); ${text}`);
      for (const report of [await starting.invoke({}), await starting.invoke({})]) {
        expect(errorOf(report)).to.include(error);
        expect([report.coldStart, report.logs[0]]).to.deep.equal([true, "loading"]);
      }
    });
  }

  it("ends a process that does not come to its start", async () => {
    const slow = await functionOf("setInterval(() => {}, 1000); await new Promise(() => {});", { initTimeoutMs: 100 });
    expect(errorOf(await slow.invoke({})).errorMessage).to.contain("Task timed out after 0.10 seconds");
  });

  const dying: readonly [string, string, object][] = [
    ["leaves", "process.exit(0)", { errorType: "Runtime.ExitError" }],
    ["is not caught", `setImmediate(() => { throw new TypeError("late"); })`, { errorType: "TypeError" }],
    ["is rejected", `Promise.reject(new Error("alone"))`, { errorType: "Runtime.UnhandledPromiseRejection" }],
  ];
  for (const [what, text, error] of dying) {
    it(`starts another process when one ${what} amid an invocation`, async () => {
      const failing = await functionOf(`export const handler = async ({ dies }) => {
        if (!dies) return process.pid; ${text}; await new Promise(() => setInterval(() => {}, 1000)); };`);
      const before = payloadOf(await failing.invoke({}));

      const died = await failing.invoke({ dies: true });
      const after = await failing.invoke({});

      expect(errorOf(died)).to.include(error);
      expect(after.coldStart).to.equal(true);
      expect(payloadOf(after)).not.to.equal(before);
    });
  }

  it("ends a process at its deadline, with what it has printed until then", async () => {
    const slow = await functionOf(`export const handler = async ({ waits }) => {
      if (!waits) return process.pid;
      console.log("waiting"); await new Promise(() => setInterval(() => {}, 1000)); };`);
    const before = payloadOf(await slow.invoke({}));

    const late = await slow.invoke({ waits: true }, { timeoutMs: 1_000 });
    const after = await slow.invoke({});

    expect(errorOf(late)).to.deep.equal({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${late.requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(late.logs).to.deep.equal(["waiting"]);
    expect(isAlive(before as number)).to.equal(false);
    expect(after.coldStart).to.equal(true);
  });

  const TICKING = `const ticks = [];
    setInterval(() => ticks.push(Date.now()), 5);
    export const handler = async ({ gate, atLeast = 0 }) => {
      while (ticks.length < atLeast) await new Promise((resolve) => setTimeout(resolve, 5));
      return ticks;
    };`;

  it("freezes the process between invocations", async () => {
    const [frozen, free] = [await functionOf(TICKING), await functionOf(TICKING, { freezes: false })];
    await frozen.invoke({});
    const seen = (payloadOf(await free.invoke({})) as number[]).length;

    const from = Date.now();
    await free.invoke({ atLeast: seen + 20 });
    const until = Date.now();

    const between = async (one: LambdaFunction) =>
      (payloadOf(await one.invoke({})) as number[]).filter((tick) => tick > from && tick < until).length;
    expect(await between(free)).to.be.at.least(10);
    expect(await between(frozen)).to.equal(0);
  });

  it("can leave the process running between invocations", async () => {
    const lines: string[] = [];
    const said = Promise.withResolvers<void>();
    const later = await functionOf(
      `export const handler = async () => { setTimeout(() => console.log("afterwards"), 20); return 1; };`,
      { freezes: false, onLine: (line) => (lines.push(line), said.resolve()) },
    );
    const report = await later.invoke({});
    await said.promise;
    expect([report.logs, lines]).to.deep.equal([[], ["afterwards"]]);
  });

  it("reports each line that an invocation printed, on either stream, with that invocation", async () => {
    const printing = await functionOf(`console.log("started");
      export const handler = async ({ lines }) => {
        for (let line = 0; line < lines; line++) console[line % 2 ? "error" : "log"]("line " + line); };`);

    const [first, second] = [await printing.invoke({ lines: 2_000 }), await printing.invoke({ lines: 1 })];

    expect(first.logs[0]).to.equal("started");
    expect(first.logs).to.have.length(2_001);
    expect(new Set(first.logs).size).to.equal(2_001);
    expect(second.logs).to.deep.equal(["line 0"]);
  });

  it("is killed amid an invocation, which reports it, and starts anew", async () => {
    const held = await gate();
    const waiting = await functionOf(`export const handler = async ({ gate }) => {
      if (gate) await fetch(gate); return process.pid; };`);
    const before = payloadOf(await waiting.invoke({})) as number;

    const under = waiting.invoke({ gate: held.url });
    await held.waiting(1);
    waiting.kill();

    expect(errorOf(await under).errorType).to.equal("killed");
    expect(isAlive(before)).to.equal(false);
    expect((await waiting.invoke({})).coldStart).to.equal(true);
  });

  it("is killed while it is frozen, and starts anew", async () => {
    const counting = await functionOf("let calls = 0; export const handler = async () => ++calls;");
    await counting.invoke({});
    counting.kill();
    const report = await counting.invoke({});
    expect([report.coldStart, payloadOf(report)]).to.deep.equal([true, 1]);
  });

  it("takes one event at a time", async () => {
    const held = await gate();
    const waiting = await functionOf(`export const handler = async ({ gate }) => { await fetch(gate); };`);
    const first = waiting.invoke({ gate: held.url });
    await held.waiting(1);
    const second = await waiting.invoke({ gate: held.url }).catch((error: unknown) => error);
    held.release();
    expect(second).to.be.an("error").with.property("message").that.contains("one event at a time");
    expect((await first).ok).to.equal(true);
  });

  it("leaves no process behind when it is closed", async () => {
    const telling = await functionOf("export const handler = async () => process.pid;");
    const pid = payloadOf(await telling.invoke({})) as number;
    expect(isAlive(pid)).to.equal(true);
    await telling.close();
    expect(isAlive(pid)).to.equal(false);
  });

  describe("in a LambdaPool", () => {
    const WAITING = `export const handler = async ({ gate }) => { if (gate) await fetch(gate); return process.pid; };`;

    async function poolOf(concurrency: number): Promise<LambdaPool> {
      const pool = new LambdaPool({ bundle: await bundles.make(WAITING), concurrency });
      closing.push(pool);
      return pool;
    }

    it("has as many processes as there are invocations at once, and uses them again", async () => {
      const [pool, held] = [await poolOf(3), await gate()];
      await pool.invoke({});
      await pool.invoke({});
      expect(pool.size).to.equal(1);

      const running = [1, 2, 3].map(() => pool.invoke({ gate: held.url }));
      await held.waiting(3);
      const refused = await pool.invoke({});
      expect(held.release()).to.equal(3);
      const pids = (await Promise.all(running)).map(payloadOf);

      expect(new Set(pids).size).to.equal(3);
      expect(errorOf(refused).errorType).to.equal("TooManyRequestsException");
      expect(pids).to.include(payloadOf(await pool.invoke({})));
      expect(pool.size).to.equal(3);
    });

    it("loses one process and goes on with the others", async () => {
      const [pool, held] = [await poolOf(2), await gate()];
      const running = [1, 2].map(() => pool.invoke({ gate: held.url }));
      await held.waiting(2);
      expect(pool.killOne()).to.equal(true);
      held.release();
      const ends = await Promise.all(running);
      expect(ends.map((end) => (end.ok ? "well" : end.error.errorType))).to.have.members(["well", "killed"]);
      expect(pool.killOne()).to.equal(false);
      expect((await pool.invoke({})).ok).to.equal(true);
    });
  });
});

function payloadOf(report: LambdaReport): unknown {
  expect(report, JSON.stringify(report)).to.have.property("ok", true);
  return report.ok ? report.payload : null;
}

function errorOf(report: LambdaReport) {
  if (report.ok) throw new Error(`It answered ${JSON.stringify(report.payload)}`);
  return report.error;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
