import { expect } from "chai";
import { type Case, describeCases, type Runner } from "../../src/conformance/cases.js";
import { Gate } from "../../src/conformance/passing.js";
import { describeTransport, transportCases } from "../../src/conformance/transport.suite.js";
import { transportHarness } from "../support/memory-harnesses.js";
import { turn } from "../support/pass.js";
import { failuresOf, promisesIn } from "./run-suite.js";

describe("describeCases", () => {
  /** Cases that end when their gates open, and a runner that only remembers. */
  function setup(count: number, atOnce: number, timeoutMs?: number) {
    const begun: string[] = [];
    const gates = new Map<string, Gate>();
    const failing = new Set<string>();
    const cases = Array.from({ length: count }, (_, index): Case => {
      const id = `T1.${index + 1}`;
      gates.set(id, new Gate());
      const run = async () => {
        begun.push(id);
        await gates.get(id)?.opened;
        if (failing.has(id)) throw new Error(`${id} is broken`);
      };
      return { id, promise: "T1", title: "holds", lack: index === 1 ? "has no ears" : null, run };
    });
    const tests = new Map<string, () => Promise<void>>();
    const skipped: string[] = [];
    const told: unknown[] = [];
    const it = (title: string, run: () => Promise<void>, ms?: number) => {
      tests.set(title, run);
      told.push(ms);
      return { timeout: (of: number) => told.push(of) };
    };
    const skip = (title: string) => skipped.push(title);
    const runner: Runner = { describe: (_, register) => register(), it: Object.assign(it, { skip }) };
    describeCases("It", cases, runner, { atOnce, timeoutMs });
    const test = (id: string) => tests.get(`${id} holds`)?.() ?? Promise.reject(new Error(`There is no ${id}`));
    const open = (id: string) => gates.get(id)?.open();
    return { begun, failing, test, open, skipped, told };
  }

  it("runs a case when its test runs, and only then", async () => {
    const { begun, test, open } = setup(3, 1);
    open("T1.3");
    await test("T1.3");
    expect(begun).to.deep.equal(["T1.3"]);
  });

  it("runs as many side by side as are allowed, from the first test on", async () => {
    const { begun, test, open } = setup(5, 2);
    expect(begun).to.deep.equal([]);
    const first = test("T1.1");
    await turn();
    expect(begun).to.deep.equal(["T1.1", "T1.3"]);
    open("T1.3");
    await turn();
    expect(begun).to.deep.equal(["T1.1", "T1.3", "T1.4"]);
    for (const id of ["T1.1", "T1.4", "T1.5"]) open(id);
    await Promise.all([first, test("T1.3"), test("T1.4"), test("T1.5")]);
    expect(begun).to.deep.equal(["T1.1", "T1.3", "T1.4", "T1.5"]);
  });

  it("tells a failure by the test of its case, and goes on", async () => {
    const { failing, test, open } = setup(4, 2);
    failing.add("T1.3");
    for (const id of ["T1.1", "T1.3", "T1.4"]) open(id);
    await test("T1.1");
    await turn();
    const message = await test("T1.3").then(
      () => "nothing",
      (error: unknown) => (error as Error).message,
    );
    expect(message).to.equal("T1.3 is broken");
    await test("T1.4");
  });

  it("says why it skips a case", () => {
    expect(setup(3, 1).skipped).to.deep.equal(["T1.2 holds (skipped: has no ears)"]);
  });

  it("tells the runner how long a case may take, in the words of each", () => {
    expect(setup(1, 1, 90_000).told).to.deep.equal([90_000, 90_000]);
    expect(setup(1, 1).told).to.deep.equal([undefined]);
  });
});

describe("describeTransport", () => {
  it("fails by the case that names what is broken", async () => {
    const failed = await failuresOf(() =>
      describeTransport(
        "Wrong",
        transportHarness((right) => ({
          capabilities: right.capabilities,
          send: (messages) => right.send(messages),
          consume: (options, handle, signal) => right.consume(options, handle, signal),
          consumeDeadLetters: (_, signal) =>
            new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
        })),
      ),
    );
    expect(failed).to.include(
      "Wrong as a Transport T9.2 offers what was tried too often, and says why it was given up",
    );
    expect(promisesIn(failed)).to.deep.equal(["T9"]);
  });

  it("has ids of its own for all cases, in the order of the promises", () => {
    const ids = transportCases(transportHarness()).map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    const numbers = ids.map((id) => id.slice(1).split(".").map(Number));
    const sorted = numbers.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d);
    expect(numbers).to.deep.equal(sorted);
  });

  it("asks nothing that an adapter without abilities cannot do, and says what it lacks", () => {
    const { capabilities, ...rest } = transportHarness();
    const few = { ...capabilities, maxDelaySeconds: 0, deadLetters: false, push: true };
    const cases = transportCases({ ...rest, capabilities: few });
    const lacking = cases.filter(({ lack }) => lack !== null).map(({ promise }) => promise);
    expect(new Set(lacking)).to.include.keys("T4", "T7", "T8", "T9", "T11");
    for (const { lack } of cases) expect(lack).not.to.equal("");
  });
});
