import { type ScheduledEvent, Unavailable, type UnitOfWork } from "@punctual/core";
import { SeededRng } from "@punctual/core/memory";
import { expect } from "chai";
import {
  daily,
  type Desk,
  desk,
  type DeskOptions,
  idIn,
  itemsIn,
  operationOf,
  problemsIn,
  refusalIn,
} from "./support/desk.js";
import { follow, type Follower, type FollowOptions } from "./support/follow.js";

const A_MINUTE = 60_000;

describe("GET /v1/stream", () => {
  let one: Desk;
  let model: ScheduledEvent;
  let runs: number;
  let away: boolean;
  const followers: Follower[] = [];

  const setup = async (options: DeskOptions = {}) => {
    [runs, away] = [0, false];
    const counting = (inner: UnitOfWork): UnitOfWork => ({
      read: (tenant, work) => inner.read(tenant, work),
      run: (tenant, work) => {
        runs++;
        if (away) throw new Unavailable("The store is away");
        return inner.run(tenant, work);
      },
    });
    one = await desk({ unitOfWork: counting, ...options });
    const schedule = idIn(await one.ask(operationOf("createSchedule"), { body: daily }));
    model =
      [...one.tables.events.values()].find(({ scheduleId }) => scheduleId === schedule) ?? expect.fail("no event");
  };
  beforeEach(() => setup());
  afterEach(async () => {
    for (const follower of followers.splice(0)) follower.close();
    await one.close();
  });

  const opened = async (options: FollowOptions = {}) => {
    const follower = await follow(one.base, options);
    followers.push(follower);
    if (follower.response.statusCode === 200) await until(() => follower.retry !== undefined);
    return follower;
  };
  /** What has been asked for and answered by now. */
  const turns = async (count = 20) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const until = async (holds: () => boolean, between: () => void = () => undefined) => {
    for (let tries = 0; tries < 5_000; tries++) {
      if (holds()) return;
      between();
      await turns(2);
    }
    expect.fail("it never came to that");
  };
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      one.clock.advance(1_000);
      await turns(8);
    }
  };
  /** Until nothing is read any more: all buffers on the way to a client that does not read are full. */
  const stalled = async () => {
    for (let before = -1; before !== runs;) {
      before = runs;
      one.clock.advance(1_000);
      await turns(300);
    }
  };
  let ended = 0;
  /** Ends so many at one time. */
  const end = (count: number, given: Partial<ScheduledEvent> = {}): readonly string[] =>
    Array.from({ length: count }, () => {
      const id = `00000000-0000-7000-8000-${String(++ended).padStart(12, "0")}`;
      const finishedAt = one.clock.now();
      const done = { state: "COMPLETED", leads: false, wakeAt: null, finishedAt, latenessMs: 12 } as const;
      one.tables.putEvent({ ...model, id, ...done, ...given });
      return id;
    });
  const told = (follower: Follower, count: number) =>
    until(
      () => follower.messages.length >= count,
      () => one.clock.advance(1_000),
    );

  it("tells each event that ends, as the list has it, and nothing that ended before", async () => {
    end(3);
    await pass(1_000);
    const follower = await opened();
    const [first = ""] = end(1);
    await pass(5_000);
    const [second = ""] = end(1, { state: "FAILED", reason: "rejected", latenessMs: null });
    await told(follower, 2);

    const { statusCode, headers } = follower.response;
    expect([statusCode, headers["content-type"], headers["cache-control"]]).to.deep.equal([
      ...[200, "text/event-stream; charset=utf-8", "no-store"],
    ]);
    expect([follower.retry, headers["x-accel-buffering"]]).to.deep.equal(["2000", "no"]);
    expect(follower.messages.map(({ event }) => event)).to.deep.equal(["ended", "ended"]);
    const listed = itemsIn(await one.ask(operationOf("listEvents")));
    for (const [index, id] of [first, second].entries()) {
      expect(follower.messages[index]?.data).to.deep.equal(listed.find((item) => item["id"] === id));
    }
  });

  it("tells nothing of another tenant", async () => {
    const [own, other] = [await opened(), await opened({ as: "service:other:bot" })];
    end(2);
    const theirs = end(1, { tenant: "other" });
    await told(own, 2);
    await told(other, 1);
    await pass(3_000);

    expect(own.ids()).to.have.length(2).and.not.include(theirs[0]);
    expect(other.ids()).to.deep.equal(theirs);
  });

  it("goes on behind what the client has seen last, by header or by parameter", async () => {
    const first = await opened();
    end(3);
    await told(first, 3);
    first.close();
    const later = end(2);
    const at = (index: number) => first.messages[index]?.id ?? "";
    await pass(1_000);

    const byHeader = await opened({ headers: { "last-event-id": at(1) } });
    const byParameter = await opened({ query: { after: at(1) } });
    // A browser comes back with the address that it began with, and with the header.
    const byBoth = await opened({ query: { after: at(0) }, headers: { "last-event-id": at(1) } });
    for (const follower of [byHeader, byParameter, byBoth]) await told(follower, 3);

    const rest = [...first.ids().slice(2), ...later];
    for (const follower of [byHeader, byParameter, byBoth]) expect(follower.ids()).to.deep.equal(rest);
  });

  it("goes on from where it began, though nothing was told yet", async () => {
    const first = await opened();
    first.close();
    const ids = end(2);
    await pass(2_000);

    const second = await opened({ headers: { "last-event-id": first.lastId } });
    await told(second, 2);

    expect(second.ids()).to.deep.equal(ids);
  });

  it("misses and doubles nothing over fifty connections that break anywhere", async function () {
    this.timeout(60_000);
    const rng = new SeededRng(11);
    const all: string[] = [];
    const seen: unknown[] = [];
    let follower = await opened();
    for (let break_ = 0; break_ < 50; break_++) {
      all.push(...end(Math.floor(rng.next() * 150)));
      one.clock.advance(Math.floor(rng.next() * 1_500));
      all.push(...end(Math.floor(rng.next() * 30)));
      one.clock.advance(Math.floor(rng.next() * 1_500));
      // Anywhere: between two pieces of what comes, in the middle of a page or of nothing.
      const pieces = Math.floor(rng.next() * 4);
      let came = 0;
      follower.response.on("data", () => ++came >= pieces && follower.close());
      await turns(Math.floor(rng.next() * 40));
      follower.close();
      await follower.ended;
      seen.push(...follower.ids());
      follower = await opened({ headers: { "last-event-id": follower.lastId } });
    }
    await until(
      () => seen.length + follower.messages.length >= all.length,
      () => one.clock.advance(1_000),
    );
    await pass(3_000);
    seen.push(...follower.ids());

    expect(all.length).to.be.above(2_000);
    expect(seen).to.have.length(all.length);
    expect(new Set(seen)).to.deep.equal(new Set(all));
  });

  describe("filters", () => {
    it("keep to states, a schedule or a destination", async () => {
      const other = {
        scheduleId: "00000000-0000-7000-8000-00000000aaaa",
        destinationId: "00000000-0000-7000-8000-00000000bbbb",
      };
      const all = await opened();
      const ofState = await opened({ query: { state: ["FAILED", "SKIPPED"] } });
      const ofSchedule = await opened({ query: { scheduleId: other.scheduleId } });
      const ofDestination = await opened({ query: { destinationId: other.destinationId, state: "COMPLETED" } });
      const ofNone = await opened({ query: { state: "PENDING" } });

      const done = end(1);
      const failed = end(1, { state: "FAILED", reason: "gone" });
      const skipped = end(1, { state: "SKIPPED", reason: "missed", scheduleId: other.scheduleId });
      const elsewhere = end(1, { destinationId: other.destinationId });
      await told(all, 4);
      await pass(3_000);

      expect(ofState.ids()).to.deep.equal([...failed, ...skipped]);
      expect(ofSchedule.ids()).to.deep.equal(skipped);
      expect(ofDestination.ids()).to.deep.equal(elsewhere);
      expect(ofNone.ids()).to.deep.equal([]);
      expect(all.ids()).to.deep.equal([...done, ...failed, ...skipped, ...elsewhere]);
    });

    const wrong: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      "an unknown state": { state: "DONE" },
      "what is no id": { scheduleId: "x" },
      "a parameter that there is not": { type: "report.due" },
    };
    for (const [what, query] of Object.entries(wrong)) {
      it(`refuse ${what}`, async () => {
        const { status } = await one.raw("get", "/v1/stream", { query });
        expect(status).to.equal(422);
      });
    }
  });

  describe("a place to go on from", () => {
    const refusedFor = async (query: Readonly<Record<string, string>>, headers = {}, as = "admin:main:ada") => {
      const answer = await one.raw("get", "/v1/stream", { query, headers, as });
      expect([answer.status, answer.headers.get("content-type")]).to.deep.equal([422, "application/problem+json"]);
      return problemsIn(answer);
    };

    it("is refused before anything is told, where it is not of this stream", async () => {
      const { lastId: own } = await opened();
      const { lastId: filtered } = await opened({ query: { state: "FAILED" } });
      await one.ask(operationOf("createSchedule"), { body: daily });
      const list = await one.ask(operationOf("listEvents"), { query: { limit: 1 } });

      for (const after of ["x", own.slice(1), `${own}A`, filtered, String(list.json["nextCursor"])]) {
        expect(await refusedFor({ after }), after).to.deep.equal(["/after bad_cursor"]);
        expect(await refusedFor({}, { "last-event-id": after }), after).to.deep.equal(["/last-event-id bad_cursor"]);
      }
      expect(await refusedFor({ after: own, state: "FAILED" })).to.deep.equal(["/after bad_cursor"]);
      expect(await refusedFor({ after: own }, {}, "admin:other:eve")).to.deep.equal(["/after bad_cursor"]);
      // What is refused takes no place.
      for (let streams = 2; streams < 10; streams++) await opened();
    });
  });

  describe("while nothing ends", () => {
    it("says something every fifteen seconds, and by it where to go on", async () => {
      const follower = await opened({ query: { state: "FAILED" } });
      const begin = follower.lastId;
      end(1);
      await pass(14_000);
      const quiet = follower.comments.length;
      await until(
        () => follower.comments.length === 3,
        () => one.clock.advance(1_000),
      );
      follower.close();
      const failed = end(1, { state: "FAILED", reason: "gone" });
      await pass(1_000);
      const again = await opened({ query: { state: "FAILED" }, headers: { "last-event-id": follower.lastId } });
      await told(again, 1);

      expect(quiet).to.equal(0);
      expect(follower.messages).to.deep.equal([]);
      expect(follower.lastId).to.not.equal(begin);
      expect(again.ids()).to.deep.equal(failed);
    });

    it("asks the store once a second, twice for each page", async () => {
      await opened();
      await pass(5_000);
      const before = runs;
      await pass(10_000);

      expect(runs - before).to.equal(20);
    });
  });

  it("reads nothing ahead of a client that does not read, and misses nothing when it reads on", async function () {
    this.timeout(60_000);
    const follower = await opened();
    follower.response.pause();
    await turns();
    // Of four thousand characters each: no buffer on the way holds them all.
    const ids = end(20_000, { type: "x".repeat(4_000) });
    await stalled();
    await pass(60_000);
    const read = runs;

    follower.response.resume();
    await told(follower, ids.length);

    expect(read, "of two hundred pages").to.be.below(100);
    expect(runs).to.be.at.least(200);
    expect(follower.ids()).to.deep.equal(ids);
  });

  describe("the end", () => {
    it("comes when the client goes: the store is asked no more", async () => {
      const follower = await opened();
      await pass(3_000);
      follower.close();
      await until(() => one.clock.nextWake === null);
      const before = runs;
      await pass(2 * A_MINUTE);

      expect(runs).to.equal(before);
      expect(one.troubles).to.deep.equal([]);
    });

    it("comes in good order when the process stops, also between two polls, and another goes on", async () => {
      const stop = new AbortController();
      await one.close();
      await setup({ stopping: stop.signal });
      const follower = await opened();
      const told_ = end(2);
      await told(follower, 2);

      stop.abort();
      expect(await follower.ended).to.equal("end");
      const later = await opened();
      expect(await later.ended, "one that comes after").to.equal("end");

      expect(follower.ids()).to.deep.equal(told_);
      expect(later.retry).to.equal("2000");
      expect(one.troubles).to.deep.equal([]);
    });

    it("comes after fifteen minutes", async () => {
      const follower = await opened();
      await pass(15 * A_MINUTE - 2_000);
      const open = await Promise.race([follower.ended, turns().then(() => "open")]);
      await pass(3_000);

      expect([open, await follower.ended]).to.deep.equal(["open", "end"]);
      expect(one.clock.nextWake).to.equal(null);
    });

    it("is a cut for who does not read", async function () {
      this.timeout(60_000);
      const follower = await opened();
      follower.response.pause();
      end(20_000, { type: "x".repeat(4_000) });
      await stalled();
      one.clock.advance(15 * A_MINUTE);
      await turns(100);
      one.clock.advance(A_MINUTE);
      await until(() => one.clock.nextWake === null);
      follower.response.resume();

      expect(await follower.ended).to.equal("cut");
      expect(follower.messages.length).to.be.within(1, 19_999);
    });

    it("comes in good order where the store is away for half a minute, and not before", async () => {
      const follower = await opened();
      await pass(2_000);
      away = true;
      await pass(25_000);
      away = false;
      const ids = end(1);
      await told(follower, 1);
      away = true;
      await pass(29_000);
      const open = await Promise.race([follower.ended, turns().then(() => "open")]);
      await pass(3_000);

      expect([open, await follower.ended]).to.deep.equal(["open", "end"]);
      expect(follower.ids()).to.deep.equal(ids);
      expect(follower.comments, "proxies are kept awake meanwhile").to.have.length.above(1);
      expect(one.troubles).to.deep.equal([]);
    });

    it("is a cut where something is broken here, and is told", async () => {
      const follower = await opened();
      end(1, { type: 1n as never }); // no JSON can be made of it
      await pass(3_000);

      expect(await follower.ended).to.equal("cut");
      expect([...new Set(one.troubles)].map(String)).to.deep.equal([
        "TypeError: Do not know how to serialize a BigInt",
      ]);
    });
  });

  it("is not begun while the store is away, and takes no place then", async () => {
    away = true;
    for (let tries = 0; tries < 12; tries++) {
      expect(refusalIn(await one.raw("get", "/v1/stream"))).to.deep.equal([503, "unavailable"]);
    }
    away = false;

    expect((await opened()).response.statusCode).to.equal(200);
  });

  describe("so many at one time", () => {
    it("are ten of one tenant, and who is one too many is told when to come again", async () => {
      const streams = [];
      for (let stream = 0; stream < 10; stream++) streams.push(await opened());
      const refused = await one.raw("get", "/v1/stream");
      const other = await opened({ as: "admin:other:eve" });

      expect([...refusalIn(refused), refused.headers.get("retry-after")]).to.deep.equal([429, "too_many_streams", "5"]);
      expect(other.response.statusCode).to.equal(200);
      streams[3]?.close();
      await turns(50);
      expect((await opened()).response.statusCode).to.equal(200);
      expect(refusalIn(await one.raw("get", "/v1/stream"))).to.deep.equal([429, "too_many_streams"]);
    });

    it("are a hundred in all", async () => {
      for (let stream = 0; stream < 100; stream++) {
        const { response } = await opened({ as: `admin:tenant-${stream % 20}:eve` });
        expect(response.statusCode).to.equal(200);
      }
      expect(refusalIn(await one.raw("get", "/v1/stream", { as: "admin:fresh:eve" }))).to.deep.equal([
        ...[429, "too_many_streams"],
      ]);
    });
  });
});
