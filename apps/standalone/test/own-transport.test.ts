import { expect } from "chai";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ask, metric, Program, until } from "./support/program.js";
import { Receiver } from "./support/receiver.js";

const OWN = fileURLToPath(new URL("./support/own-transport.js", import.meta.url));

describe("npm start with a transport of one's own", function () {
  this.timeout(60_000);
  let program: Program;
  let receiver: Receiver;
  let answered: PromiseWithResolvers<void>;

  beforeEach(async () => {
    program = await Program.make();
    answered = Promise.withResolvers();
    receiver = await Receiver.open(async () => answered.promise);
  });
  afterEach(async () => {
    await program.close();
    await receiver.close();
  });

  const start = async (env: Readonly<Record<string, string>> = {}) =>
    program.start(["--memory"], { PUNCTUAL_TRANSPORT: OWN, PUNCTUAL_TRANSPORT_FOLDER: program.folder, ...env });
  const schedule = async (url: string) =>
    ask("POST", `${url}/v1/schedules`, {
      ...{ type: "hello", timeZone: "Etc/UTC", when: { at: new Date(Date.now() + 1_000).toISOString() } },
      destination: { url: receiver.url },
    });

  it("delivers what the transport brings, and what it gave up on once more", async () => {
    answered.resolve();
    const one = await start({ PUNCTUAL_TRANSPORT_LOSES: "1" });
    await schedule(one.url);
    await until(async () => (await metric(one.url, 'punctual_events_finished_total{state="completed"')) === 1);
    expect(receiver.received).to.have.length(1);
    expect(await metric(one.url, "punctual_dead_letters_total")).to.equal(1);
    expect(await metric(one.url, 'punctual_handed_over_total{result="accepted"')).to.equal(2);
    expect(await one.end()).to.equal(0);
  });

  it("is ready only while its transport is", async () => {
    const one = await start();
    const ready = async () => (await fetch(`${one.url}/health/ready`)).status;
    expect(await ready()).to.equal(200);
    await writeFile(join(program.folder, "away"), "");
    expect(await ready()).to.equal(503);
    const { parts } = (await (await fetch(`${one.url}/health`)).json()) as { readonly parts: object };
    expect(parts).to.deep.include({ database: { status: "ok" }, transport: { status: "away" } });
    expect((await fetch(`${one.url}/health/live`)).status).to.equal(200);
    await rm(join(program.folder, "away"));
    expect(await ready()).to.equal(200);
    expect(await one.end()).to.equal(0);
  });

  it("closes its transport when it is stopped, after what was being delivered", async () => {
    const one = await start();
    await schedule(one.url);
    await until(() => receiver.received.length === 1);
    const ended = one.end();
    await until(() => one.said().includes("Stopping"));
    answered.resolve();
    expect(await ended, one.said()).to.equal(0);
    expect(await readFile(join(program.folder, "closed"), "utf8")).to.equal("0 under way");
    expect(receiver.received).to.have.length(1);
  });

  const VERSION_99 = `import { transport as own } from ${JSON.stringify(OWN)}; export const transport = { ...own, apiVersion: 99 };`;
  const PUSHED = `import { transport as own } from ${JSON.stringify(OWN)};
    const create = async (context) => {
      const opened = await own.create(context);
      Object.defineProperty(opened.transport, "capabilities", { value: { ...own.capabilities, push: true } });
      return opened;
    };
    export const transport = { ...own, create };`;
  const WRONG: readonly (readonly [string, string | null, Readonly<Record<string, string>>, readonly string[]])[] = [
    ["a package that is not there", null, { PUNCTUAL_TRANSPORT: "no-such-queue" }, ["no-such-queue", "is not there"]],
    ["a module that is no transport", "export const queue = 1;", {}, ["no export named `transport`"]],
    ["another version of the interface", VERSION_99, {}, ["version 99", "has version 1", "update this program"]],
    [
      "variables that it cannot use, all at once and with no value",
      `export { transport } from ${JSON.stringify(OWN)};`,
      { PUNCTUAL_TRANSPORT_FOLDER: "", PUNCTUAL_TRANSPORT_LOSES: "hunter2" },
      ["PUNCTUAL_TRANSPORT_FOLDER: must be set", "PUNCTUAL_TRANSPORT_LOSES: not valid"],
    ],
    ["one that is pushed to", PUSHED, {}, ["nobody pushes messages to this program"]],
  ];
  for (const [name, text, env, expected] of WRONG) {
    it(`does not start with ${name}`, async () => {
      const path = join(program.folder, "transport.mjs");
      if (text !== null) await writeFile(path, text);
      const one = await start({ PUNCTUAL_TRANSPORT: path, ...env });
      expect(await one.ended).to.equal(2);
      for (const part of expected) expect(one.said()).to.include(part);
      expect(one.said()).not.to.include("hunter2");
    });
  }
});
