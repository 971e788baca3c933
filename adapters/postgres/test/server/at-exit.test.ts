import { once } from "node:events";
import { existsSync } from "node:fs";
import { expect } from "chai";
import { ask, startChild } from "./child.js";

async function mustBeGone({ url, data }: { url: string; data: string }) {
  const error: unknown = await ask(url, "SELECT 1").catch((reason: unknown) => reason);
  expect(error).to.have.property("code", "ECONNREFUSED");
  expect(existsSync(data)).to.equal(false);
}

describe("A process with an embedded server", () => {
  const ends = {
    "by itself": { then: "", code: 0 },
    "by process.exit": { then: "process.exit(3)", code: 3 },
  };
  for (const [how, { then, code }] of Object.entries(ends)) {
    it(`takes it along when it ends ${how}`, async () => {
      const started = await startChild({ then });
      // It may have ended already: the line of output came before.
      if (started.child.exitCode === null) await once(started.child, "exit");
      expect(started.child.exitCode).to.equal(code);
      await mustBeGone(started);
    });
  }

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`takes it along when it is ended by ${signal}`, async () => {
      const started = await startChild({});
      const ended = once(started.child, "exit");
      started.child.kill(signal);
      expect(await ended).to.deep.equal([null, signal]);
      await mustBeGone(started);
    });
  }

  it("keeps it while an app drains", async () => {
    const started = await startChild({
      // Before the server's own listener, which must count it nevertheless.
      first: 'process.once("SIGTERM", () => drain());',
      then: `const alive = setInterval(() => {}, 1_000);
        async function drain() {
          console.log(await ask(server.url, "SELECT 'drained' FROM pg_sleep(0.2)"));
          clearInterval(alive);
        }`,
    });
    started.child.kill("SIGTERM");
    expect(await started.rest).to.deep.equal(["drained"]);
    if (started.child.exitCode === null) await once(started.child, "exit");
    expect(started.child.exitCode).to.equal(0);
    await mustBeGone(started);
  });

  it("leaves no listener behind when all servers are stopped", async () => {
    const started = await startChild({
      then: `const before = process.listenerCount("SIGTERM");
        await server.stop();
        console.log(before, process.listenerCount("SIGTERM"))`,
    });
    expect(await started.rest).to.deep.equal(["1 0"]);
  });
});
