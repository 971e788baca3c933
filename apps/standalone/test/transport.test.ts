import { API_VERSION } from "@punctual/adapter-sdk";
import { NO_TELEMETRY, type TransportCapabilities, Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadConfig } from "../src/config.js";
import { lookAheadFor, openTransport } from "../src/transport.js";

const CAPABILITIES: TransportCapabilities = {
  ...{ name: "test", maxDelaySeconds: 0, maxBatch: 10, maxBodyBytes: 1_000, ordering: "none" },
  ...{ deadLetters: false, push: false, early: "worker" },
};

describe("lookAheadFor", () => {
  const CASES: readonly (readonly [TransportCapabilities["early"], number, number, number])[] = [
    ["transport", 900, 60_000, 60_000],
    ["transport", 900, 840_000, 450_000],
    ["transport", 10, 60_000, 5_000],
    ["transport", 0, 60_000, 0],
    ["scheduler", 0, 60_000, 5_000],
    ["scheduler", 0, 1_000, 1_000],
    ["worker", 0, 60_000, 5_000],
    ["worker", 900, 0, 0],
  ];
  for (const [early, maxDelaySeconds, atMostMs, expected] of CASES) {
    it(`is ${expected} ms of ${atMostMs} where the ${early} holds what is early, and ${maxDelaySeconds} s can be delayed`, () => {
      expect(lookAheadFor({ ...CAPABILITIES, early, maxDelaySeconds }, atMostMs)).to.equal(expected);
    });
  }
});

describe("openTransport", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "punctual-transport-"))));
  afterEach(() => rm(folder, { recursive: true }));

  async function open(create: string) {
    const specifier = join(folder, "transport.mjs");
    const config = `{ "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } }`;
    const text = `import { InvalidInput } from ${JSON.stringify(import.meta.resolve("@punctual/adapter-sdk"))};
      const capabilities = ${JSON.stringify(CAPABILITIES)};
      const transport_ = { capabilities, send() {}, consume() {}, consumeDeadLetters() {} };
      const never = () => new Promise(() => undefined);
      export const transport = { name: "test", apiVersion: ${API_VERSION}, capabilities, config: ${config}, create: ${create} };`;
    await writeFile(specifier, text);
    const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
    const opening = openTransport(
      { specifier, variables: {}, lookAheadMs: 0 },
      { clock, telemetry: NO_TELEMETRY, keys: [Buffer.alloc(32, 1)] },
    );
    return { clock, opened: await opening };
  }
  const thrownBy = async (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

  for (const method of ["check", "close"] as const) {
    it(`does not wait without end for its ${method}`, async () => {
      const { clock, opened } = await open("() => ({ transport: transport_, check: never, close: never })");
      const asked = thrownBy(opened[method]());
      clock.advance(5_000);
      expect(await asked).to.be.instanceOf(Unavailable);
    });
  }

  it("hands on what its check says", async () => {
    const fails = `async () => { throw new Error("away"); }`;
    const { opened } = await open(`() => ({ transport: transport_, check: ${fails}, close: async () => undefined })`);
    expect(await thrownBy(opened.check())).to.have.property("message", "away");
    await opened.close();
  });

  it("takes a configuration that makes no sense to it for a wrong one", async () => {
    const refuses = `() => { throw new InvalidInput([{ pointer: "/queue", code: "same", message: "Must be another" }]); }`;
    const error = await thrownBy(open(refuses));
    expect(error).to.be.instanceOf(BadConfig);
    expect(error).to.have.property("message").that.includes("transport.mjs").and.includes("/queue: Must be another");
  });
});
