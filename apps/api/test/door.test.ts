import { localClock } from "@punctual/adapter-local/wiring";
import { expect } from "chai";
import type { ServerResponse } from "node:http";
import { Door } from "../src/http/door.js";

const clock = localClock();
const open = () => Door.open({ host: "127.0.0.1", port: 0, opsPort: null });

describe("Door", () => {
  let door: Door;
  beforeEach(async () => (door = await open()));
  afterEach(() => door.close(0, clock));

  it("tells who comes before there is anybody to answer to come again", async () => {
    const early = await fetch(door.url);
    expect([early.status, early.headers.get("retry-after")]).to.deep.equal([503, "1"]);
    door.answer((_, response) => void response.end("here"));
    expect(await (await fetch(door.url)).text()).to.equal("here");
  });

  it("lets nobody in any more, waits for those who are, and lets kept connections go", async () => {
    const waiting: ServerResponse[] = [];
    door.answer((_, response) => void waiting.push(response));
    const under = fetch(door.url);
    while (waiting.length === 0) await clock.sleep(5);
    const closed = door.close(10_000, clock);
    expect(door.closing.aborted).to.equal(true);
    const refused: unknown = await fetch(door.url).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError);
    waiting[0]?.end("whole");
    expect(await (await under).text()).to.equal("whole");
    expect(await closed).to.equal(true);
  });

  it("says so where somebody does not leave in time", async () => {
    const waiting: ServerResponse[] = [];
    door.answer((_, response) => void waiting.push(response));
    const under = fetch(door.url).catch((error: unknown) => error);
    while (waiting.length === 0) await clock.sleep(5);
    expect(await door.close(50, clock)).to.equal(false);
    expect(await under).to.be.instanceOf(Error);
  });

  it("gives back its first port where it cannot have its second", async () => {
    const taken = Number(new URL(door.url).port);
    const error: unknown = await Door.open({ host: "127.0.0.1", port: 0, opsPort: taken }).catch((one: unknown) => one);
    expect(error).to.have.property("code", "EADDRINUSE");
  });
});
