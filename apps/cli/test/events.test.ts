import { expect } from "chai";
import { randomUUID } from "node:crypto";
import { api, hereOnPlatform, json, madeSchedule, onPlatform, untilState } from "./support/platform.js";

interface Event {
  readonly id: string;
  readonly state: string;
  readonly dueAt: string;
}

interface Page {
  readonly items: readonly Event[];
}

describe("punctual events", () => {
  const setup = async () => {
    const type = `cli.${randomUUID().slice(0, 8)}`;
    const { id: scheduleId, destinationId } = await madeSchedule(type);
    const { items } = await api<Page>("GET", `/v1/events?scheduleId=${scheduleId}`);
    return { type, scheduleId, destinationId, id: items[0]?.id ?? "" };
  };

  it("are listed by conditions, in text and all pages of them", async () => {
    const { type, id, scheduleId } = await setup();
    await api("POST", `/v1/schedules/${scheduleId}/run`);
    const all = await json<Page>(["events", "list", "--type", type, "--limit", "1", "--all"]);
    expect(all.items).to.have.length(2);
    const { items } = await json<Page>(["events", "list", "--type", type, "--state", "pending", "--origin", "rule"]);
    expect(items.map((one) => one.id)).to.deep.equal([id]);
    const none = await json<Page>([
      "events",
      "list",
      "--type",
      type,
      "--due-from",
      "2090-01-01",
      "--due-before",
      "2091-01-01",
    ]);
    expect(none.items).to.deep.equal([]);
    const { out, err } = await onPlatform(["events", "list", "--type", type, "--all", "--limit", "1"]);
    expect(out)
      .to.match(/^ID +TYPE +STATE +REASON +DUE +LOCAL +ATTEMPT +LATE\n/)
      .and.include(id);
    expect(err).to.equal("2 in all\n");
  });

  it("are read with their attempts", async () => {
    const { scheduleId } = await setup();
    const { id } = await json<Event>(["schedule", "run", scheduleId]);
    for (const end = performance.now() + 10_000; performance.now() < end;) {
      if ((await json<Event>(["events", "get", id])).state === "COMPLETED") break;
    }
    const { out } = await onPlatform(["events", "get", id]);
    expect(out)
      .to.match(/^state +COMPLETED$/m)
      .and.match(/^# +STARTED +TOOK +STATUS/m)
      .and.match(/^1 .* ms +204$/m);
  });

  it("are moved and cancelled", async () => {
    const { id } = await setup();
    const moved = await json<Event>(["events", "reschedule", id, "--at", "2031-01-01T10:00:00", "--note", "later"]);
    expect(moved).to.include({ id, dueAt: "2031-01-01T10:00:00.000Z" });
    expect(await json(["events", "cancel", id])).to.include({ id, state: "CANCELLED" });
    const retried = await onPlatform(["events", "retry", id]);
    expect(retried).to.include({ code: 4, out: "" });
    expect(retried.err).to.match(/^punctual: .*\(wrong_state\)\n$/);
  });

  it("that failed are set going again, one or all", async () => {
    // A destination that was closed by hand fails its events at once.
    const { type, scheduleId, destinationId } = await setup();
    const turn = async (how: string) => api("POST", `/v1/destinations/${destinationId}/${how}`);
    await turn("disable");
    const { id } = await api<Event>("POST", `/v1/schedules/${scheduleId}/run`);
    await untilState(id, "FAILED");
    expect((await onPlatform(["events", "retry", id, "--quiet"])).out).to.equal(`${id}\n`);
    await untilState(id, "FAILED");

    const asked = await onPlatform(["events", "redrive", "--type", type]);
    expect(asked).to.include({ code: 2, out: "" });
    expect(asked.err).to.include("add --yes");
    expect((await onPlatform(["events", "redrive", "--yes"])).code).to.equal(2);

    await turn("enable");
    const redrive = ["events", "redrive", "--type", type, "--yes", "--per-second", "100", "--note", "mended"];
    expect(await json(redrive)).to.deep.equal({ redriven: 1 });
    await untilState(id, "COMPLETED");
    expect((await onPlatform(redrive)).out).to.equal("0 events set going again\n");
  });

  for (const args of [["get"], ["cancel"], ["retry"], ["reschedule", "--at", "2031-01-01T10:00:00"]]) {
    it(`${args[0]} of one that is not there ends with 3`, async () => {
      const [name = "", ...rest] = args;
      const { code, err } = await hereOnPlatform(["events", name, "0198c0de-0000-7000-8000-000000000001", ...rest]);
      expect(code).to.equal(3);
      expect(err).to.include("(event_not_found)");
    });
  }
});

describe("punctual reconcile", () => {
  const window = ["reconcile", "--from", "2026-01-01", "--to", "2026-02-01T00:00:00Z"];

  it("ends with 0 where nothing differs, in text and in JSON", async () => {
    const { code, out } = await onPlatform(window);
    expect(code).to.equal(0);
    expect(out).to.match(/^difference +0$/m);
    expect(await json(window)).to.include({ difference: 0, expected: 0 });
  });

  it("ends with 2 for a window that holds nothing", async () => {
    const { code, err } = await onPlatform(["reconcile", "--from", "2026-02-01", "--to", "2026-01-01"]);
    expect(code).to.equal(2);
    expect(err).to.match(/\/to: .*\(inverted\)/);
  });
});
