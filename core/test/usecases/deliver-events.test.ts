import { expect } from "chai";
import { Unavailable } from "../../src/errors.js";
import type { ScheduledEvent } from "../../src/events/event.js";
import type { Message, MessageVerdict } from "../../src/ports/transport.js";
import { DELIVER_DEFAULTS, DeliverEvents, type DeliverOptions } from "../../src/usecases/deliver-events.js";
import { DisableDestination } from "../../src/usecases/disable-destination.js";
import { BY, DAY, HOUR, MINUTE, scene, URL } from "./support/scene.js";

describe("DeliverEvents", () => {
  const ACK: MessageVerdict = { kind: "ack" };

  function setup(options: Partial<DeliverOptions> = {}) {
    const whole = scene("2027-01-01T00:00:00Z");
    const { system, clock, unitOfWork, schedule, tables, createDestination, pass } = whole;
    const { events, gate, rng, telemetry, failpoints, sender, handOver, queue } = system;
    const deliver = new DeliverEvents(
      {
        ...{ events, gate, clock, rng, telemetry, failpoints },
        senders: new Map([["http", sender]]),
        disableDestination: new DisableDestination({ unitOfWork }),
      },
      { ...DELIVER_DEFAULTS, ...options },
    );
    /** Claims what is due, or will be soon, and takes its messages from the queue. */
    const claim = async (lookAheadMs = 0): Promise<readonly Message[]> => {
      const held = new Set([...tables.events.values()].map(claimKeyOf));
      await handOver.run({ limit: 1_000, leaseMs: 5 * MINUTE, lookAheadMs });
      for (const received of queue.receive(10_000)) received.settle({ kind: "ack" });
      return [...tables.events.values()]
        .filter((event) => event.state === "PROCESSING" && !held.has(claimKeyOf(event)))
        .map(({ id: eventId, tenant, scheduleId, fence, dueAt }) => {
          return { version: 1, eventId, tenant, scheduleId, fence, dueAt, notBefore: dueAt };
        });
    };
    return {
      ...whole,
      ...{ deliver, claim, gate, telemetry, events },
      /** Events that are due now, claimed, and their messages. */
      claimed: async (count = 1, fields: Record<string, unknown> = {}) => {
        for (let number = 0; number < count; number++) {
          await schedule({ when: { at: "2027-01-01T01:00:00" }, ...fields }, String(number));
        }
        await whole.passTo("2027-01-01T01:00:00Z");
        return claim();
      },
      /** Handles messages, and lets so much time pass. */
      handle: async (messages: readonly Message[], ms = 1_000, signal?: AbortSignal) => {
        const verdicts = Promise.all(deliver.handle(messages, signal));
        await pass(ms);
        return verdicts;
      },
      destination: async (fields: Record<string, unknown> = {}) =>
        (await createDestination.run({ ...BY, input: { url: URL, ...fields } })).destination.id,
      only: () => {
        const [event] = tables.events.values();
        if (event === undefined) throw new Error("There is no event");
        return event;
      },
      facts: (kind: "lost" | "trouble" | "postponed") => telemetry.of(kind),
    };
  }

  const claimKeyOf = ({ id, fence }: ScheduledEvent) => `${id}/${fence}`;

  describe("of an event that is due", () => {
    it("sends it, records the attempt, and acknowledges its message", async () => {
      const { claimed, handle, answer, only, attemptsOf, received, telemetry, clock } = setup();
      answer(() => ({ status: 201, responseExcerpt: "made", afterMs: 40 }));
      const messages = await claimed();
      const at = clock.now();

      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(received()).to.deep.equal([{ at: at.toISOString(), id: only().id, url: URL, attempt: 1, data: 0 }]);
      expect(only()).to.deep.include({ state: "COMPLETED", attempt: 1, latenessMs: 0, reason: null, wakeAt: null });
      expect(attemptsOf(only().id)).to.deep.equal([
        {
          ...{ number: 1, startedAt: at, durationMs: 40, status: 201, error: null, detail: null, timings: null },
          responseExcerpt: "made",
        },
      ]);
      const facts = telemetry.facts.map(({ kind }) => kind);
      expect(facts.slice(-2)).to.deep.equal(["attempted", "finished"]);
    });

    for (const [what, response, state, reason] of [
      ["200 with text", { status: 200, responseExcerpt: "fine" }, "COMPLETED", null],
      ["204", { status: 204 }, "COMPLETED", null],
      ["299", { status: 299 }, "COMPLETED", null],
      ["301", { status: 301 }, "FAILED", "rejected"],
      ["400", { status: 400 }, "FAILED", "rejected"],
      ["401", { status: 401 }, "FAILED", "rejected"],
      ["404", { status: 404 }, "FAILED", "rejected"],
      ["410", { status: 410 }, "FAILED", "gone"],
      ["an address inside", { error: "blocked_address" }, "FAILED", "rejected"],
      ["408", { status: 408 }, "PENDING", null],
      ["425", { status: 425 }, "PENDING", null],
      ["429", { status: 429 }, "PENDING", null],
      ["500", { status: 500 }, "PENDING", null],
      ["503", { status: 503 }, "PENDING", null],
      ["no answer", { error: "timeout" }, "PENDING", null],
      ["no connection", { error: "connect" }, "PENDING", null],
      ["a broken one", { error: "reset" }, "PENDING", null],
    ] as const) {
      it(`takes ${what} for ${state} (W8, W9, W13)`, async () => {
        const { claimed, handle, answer, only, attemptsOf } = setup();
        answer(() => response);
        const verdicts = await handle(await claimed(), 100);

        expect(verdicts).to.deep.equal([ACK]);
        expect(only()).to.deep.include({ state, reason, attempt: 1 });
        const [attempt] = attemptsOf(only().id);
        expect(attempt).to.deep.include(
          "status" in response ? { status: response.status, error: null } : { status: null, error: response.error },
        );
      });
    }

    it("measures its lateness from due to sent, once", async () => {
      const { claimed, handle, answer, only, clock, claim, received } = setup();
      answer((times) => ({ status: times === 1 ? 503 : 200, afterMs: 500 }));
      const messages = await claimed();
      clock.advance(2_345);
      await handle(messages);
      clock.advance(HOUR);
      await handle(await claim());

      expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
      expect(only()).to.deep.include({ state: "COMPLETED", latenessMs: 2_345 });
    });

    it("waits for a Retry-After before it tries again, and is not offered sooner", async () => {
      const { claimed, handle, answer, only, clock } = setup();
      answer(() => ({ status: 429, retryAfter: "120" }));
      await handle(await claimed(), 100);
      const wait = (only().wakeAt?.getTime() ?? 0) - clock.now().getTime();

      expect(wait).to.be.within(119_800, 120_000);
    });

    it("gives up after so many attempts, or so much time", async () => {
      for (const [retry, reason, attempts] of [
        [{ maxAttempts: 3 }, "attempts_exhausted", 3],
        [{ maxAttempts: 0 }, "attempts_exhausted", 1],
        [{ maxAttempts: 200, within: "PT1M", initial: "PT10S", cap: "PT10S" }, "out_of_time", null],
      ] as const) {
        const { schedule, answer, up, pass, only, received } = setup();
        await schedule({ when: { at: "2027-01-01T01:00:00" }, retry });
        answer(() => ({ status: 500 }));
        up();
        await pass(3 * DAY);

        expect(only()).to.deep.include({ state: "FAILED", reason });
        if (attempts !== null) expect(received()).to.have.length(attempts);
        else {
          const last = Date.parse(received().at(-1)?.at ?? "");
          expect(received().length).to.be.above(3);
          expect(last - Date.parse("2027-01-01T01:00:00Z")).to.be.at.most(MINUTE);
        }
      }
    });

    it("sends the same bytes under the same id at each attempt", async () => {
      const { schedule, answer, up, pass, received, bodies } = setup();
      await schedule({ when: { at: "2027-01-01T01:00:00" } }, '{"n": 12345678901234567890}');
      answer((times) => ({ status: times < 5 ? 500 : 200 }));
      up();
      await pass(DAY);

      expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3, 4, 5]);
      expect([new Set(bodies()).size, new Set(received().map(({ id }) => id)).size]).to.deep.equal([1, 1]);
    });
  });

  describe("of a message", () => {
    it("that is stale, forged or of an event that has ended, acknowledges it and sends nothing", async () => {
      const { claimed, handle, received, facts, cancelEvent, tables } = setup();
      const messages = await claimed(4);
      const [stale, forged, ended, good] = messages;
      if (stale === undefined || forged === undefined || ended === undefined || good === undefined) throw new Error();
      await cancelEvent.run({ ...BY, id: ended.eventId });
      const verdicts = await handle([
        { ...stale, fence: 0 },
        { ...forged, tenant: "other" },
        ended,
        { ...good, eventId: "none" },
      ]);

      expect(verdicts).to.deep.equal([ACK, ACK, ACK, ACK]);
      expect(received()).to.deep.equal([]);
      expect(facts("lost")).to.have.length(4);
      expect(tables.events.get(good.eventId)?.state).to.equal("PROCESSING");
    });

    it("that comes twice, sends once, in one batch or in two (W10)", async () => {
      const { claimed, deliver, pass, received } = setup();
      const messages = await claimed();
      const all = [...deliver.handle([...messages, ...messages]), ...deliver.handle(messages)];
      await pass(1_000);

      expect(await Promise.all(all)).to.deep.equal([ACK, ACK, ACK]);
      expect(received()).to.have.length(1);
    });

    it("that is read when its lease has ended and another worker has the event, sends nothing", async () => {
      const { claimed, claim, handle, clock, received } = setup();
      const late = await claimed();
      clock.advance(6 * MINUTE);
      const current = await claim();
      await handle(late);
      expect(received()).to.deep.equal([]);
      await handle(current);

      expect(received()).to.have.length(1);
    });

    it("waits for no slower one of its batch", async () => {
      const { claimed, deliver, answer, pass, received } = setup();
      answer((times) => ({ status: 200, afterMs: times === 1 ? 8_000 : 0 }));
      const settled: number[] = [];
      for (const [index, verdict] of deliver.handle(await claimed(5)).entries()) {
        void verdict.then(() => settled.push(index));
      }
      await pass(100);
      expect(settled).to.deep.equal([1, 2, 3, 4]);
      await pass(8_000);

      expect(settled).to.deep.equal([1, 2, 3, 4, 0]);
      expect(received()).to.have.length(5);
    });

    it("is offered again if the store is away, and nothing is sent", async () => {
      const { claimed, handle, events, received, facts } = setup();
      const messages = await claimed(2);
      const begin = events.begin.bind(events);
      events.begin = () => Promise.reject(new Error("The store is away"));
      expect(await handle(messages)).to.deep.equal([
        { kind: "retry", inMs: 2_000 },
        { kind: "retry", inMs: 2_000 },
      ]);
      expect(received()).to.deep.equal([]);
      expect(facts("trouble").map((fact) => "where" in fact && fact.where)).to.include("deliver");
      events.begin = begin;

      expect(await handle(messages)).to.deep.equal([ACK, ACK]);
      expect(received()).to.have.length(2);
    });

    it("is offered again if the end could not be stored; the event comes back with its lease, as tried (I2)", async () => {
      const { claimed, claim, handle, events, clock, received, only, attemptsOf } = setup();
      const messages = await claimed();
      const finish = events.finish.bind(events);
      events.finish = () => Promise.reject(new Error("The store is away"));
      expect(await handle(messages)).to.deep.equal([{ kind: "retry", inMs: 2_000 }]);
      events.finish = finish;
      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(received()).to.have.length(1);
      clock.advance(DELIVER_DEFAULTS.leaseMs);
      await handle(await claim());

      expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
      expect(attemptsOf(only().id).map(({ number, error }) => [number, error])).to.deep.equal([
        [1, "unknown"],
        [2, null],
      ]);
    });

    it("asks the store and the gate for nothing where there is none", async () => {
      const { handle, events, gate } = setup();
      const asked: string[] = [];
      const [begin, admit] = [events.begin.bind(events), gate.admit.bind(gate)];
      events.begin = (...given) => (asked.push("begin"), begin(...given));
      gate.admit = (...given) => (asked.push("admit"), admit(...given));

      expect(await handle([])).to.deep.equal([]);
      expect(asked).to.deep.equal([]);
    });

    it("carries its trace on to the receiver", async () => {
      const { claimed, handle, system } = setup();
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      await handle((await claimed()).map((message) => ({ ...message, traceparent })));

      const sent = system.sender.received[0]?.request.traceparent ?? "";
      expect(sent).to.match(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      expect(sent, "a span of its own").not.to.equal(traceparent);
    });

    it("is answered by itself where the store fails for one of its batch alone", async () => {
      const { claimed, handle, events, system, tables, telemetry } = setup();
      const begin = events.begin.bind(events);
      const messages = await claimed(10);
      const spoilt = messages[3]?.eventId;
      events.begin = async (claims, leaseMs) => {
        if (claims.some(({ eventId }) => eventId === spoilt)) throw new RangeError("No such thing");
        return begin(claims, leaseMs);
      };

      const verdicts = await handle(messages);
      expect(verdicts.map(({ kind }) => kind)).to.deep.equal(
        messages.map(({ eventId }) => (eventId === spoilt ? "retry" : "ack")),
      );
      expect(system.sender.received).to.have.length(9);
      const open = [...tables.events.values()].filter(({ state }) => state === "PROCESSING");
      expect(open.map(({ id }) => id)).to.deep.equal([spoilt]);
      expect(telemetry.of("trouble").map(({ error }) => String(error))).to.deep.equal(["RangeError: No such thing"]);
    });

    it("asks a store that is away once, not once for each", async () => {
      const { claimed, handle, events } = setup();
      const messages = await claimed(10);
      let asked = 0;
      events.begin = async () => {
        asked++;
        throw new Unavailable("The database is away");
      };

      const verdicts = await handle(messages);
      expect(new Set(verdicts.map(({ kind }) => kind))).to.deep.equal(new Set(["retry"]));
      expect(asked).to.equal(1);
    });
  });

  describe("of an event that is early", () => {
    const at = "2027-01-01T01:00:04";

    it("holds it until it is due, and never sends before (I8)", async () => {
      const { schedule, passTo, claim, handle, only, deliveredAt } = setup();
      await schedule({ when: { at } });
      await passTo("2027-01-01T01:00:00Z");
      const verdicts = await handle(await claim(MINUTE), 5_000);

      expect(verdicts).to.deep.equal([ACK]);
      expect(deliveredAt()).to.deep.equal([`${at}.000Z`]);
      expect(only()).to.deep.include({ state: "COMPLETED", latenessMs: 0, attempt: 1 });
    });

    it("gives it back until its time if that is too far away to hold it", async () => {
      const { schedule, passTo, claim, handle, only, received } = setup();
      await schedule({ when: { at: "2027-01-01T01:00:06" } });
      await passTo("2027-01-01T01:00:00Z");
      expect(await handle(await claim(MINUTE), 100)).to.deep.equal([ACK]);

      expect(received()).to.deep.equal([]);
      expect(only()).to.deep.include({
        ...{ state: "PENDING", attempt: 0, firstAttemptAt: null },
        wakeAt: new Date("2027-01-01T01:00:06Z"),
      });
    });

    for (const what of ["cancelled", "paused", "moved", "disabled", "renamed"] as const) {
      it(`obeys while it holds: it is ${what} just before it is due (I7)`, async () => {
        const { schedule, passTo, pass, claim, deliver, only, received, ...desk } = setup();
        const { id } = await schedule({ when: { at } }, '"old"');
        const { destinationId } = desk.tables.schedules.get(id) ?? { destinationId: "" };
        await passTo("2027-01-01T01:00:00Z");
        const verdicts = Promise.all(deliver.handle(await claim(MINUTE)));
        await pass(3_900);
        if (what === "cancelled") await desk.cancelEvent.run({ ...BY, id: only().id });
        if (what === "paused") await desk.pauseSchedule.run({ ...BY, id });
        if (what === "moved") await desk.rescheduleEvent.run({ ...BY, id: only().id, at: "2027-01-01T03:00:00" });
        if (what === "disabled") await desk.disableDestination.run({ ...BY, id: destinationId, because: "by_hand" });
        if (what === "renamed") await desk.changeSchedule.run({ ...BY, id, patch: {}, payload: '"new"' });
        await pass(1_000);

        expect(await verdicts).to.deep.equal([ACK]);
        expect(received().map(({ data }) => data)).to.deep.equal(what === "renamed" ? ["new"] : []);
        const states = { cancelled: "CANCELLED", paused: "PENDING", moved: "PENDING", disabled: "FAILED" };
        expect(only().state).to.equal(what === "renamed" ? "COMPLETED" : states[what]);
      });
    }

    it("gives it back when the worker is stopped, and another sends it on time", async () => {
      const { schedule, passTo, pass, claim, deliver, handle, received, only } = setup();
      await schedule({ when: { at } });
      await passTo("2027-01-01T01:00:00Z");
      const stop = new AbortController();
      const [verdict] = deliver.handle(await claim(MINUTE), stop.signal);
      await pass(1_000);
      stop.abort();
      await pass(100);
      expect(await verdict).to.deep.equal(ACK);
      expect(only()).to.deep.include({ state: "PENDING", wakeAt: new Date(`${at}Z`) });
      await handle(await claim(MINUTE), 5_000);

      expect(received().map((one) => one.at)).to.deep.equal([`${at}.000Z`]);
    });
  });

  describe("of its lease", () => {
    it("asks for a longer one where the destination may take long, and for none where it may not", async () => {
      for (const [timeoutMs, asked] of [
        [60_000, [90_000]],
        [10_000, []],
      ] as const) {
        const { claimed, handle, destination, events, received } = setup();
        const longer: number[] = [];
        const extend = events.extend.bind(events);
        events.extend = (claims, leaseMs) => {
          longer.push(leaseMs);
          return extend(claims, leaseMs);
        };
        await handle(await claimed(1, { destinationId: await destination({ timeoutMs }) }));

        expect(longer).to.deep.equal(asked);
        expect(received()).to.have.length(1);
      }
    });

    it("keeps the event from others while a slow receiver takes its time", async () => {
      const { claimed, claim, deliver, pass, answer, destination, received, only } = setup();
      answer(() => ({ status: 200, afterMs: 59_000 }));
      const [verdict] = deliver.handle(await claimed(1, { destinationId: await destination({ timeoutMs: 60_000 }) }));
      await pass(58_000);
      expect(await claim()).to.deep.equal([]);
      await pass(2_000);

      expect(await verdict).to.deep.equal(ACK);
      expect(received()).to.have.length(1);
      expect(only()).to.deep.include({ state: "COMPLETED", fence: 1 });
    });

    it("sends nothing if it could end under the request, and gives the event back untried", async () => {
      const { claimed, claim, handle, events, clock, received, only } = setup();
      const messages = await claimed();
      const begin = events.begin.bind(events);
      events.begin = async (...given) => {
        const report = await begin(...given);
        await clock.sleep(20_000);
        return report;
      };
      expect(await handle(messages, 21_000)).to.deep.equal([ACK]);
      expect(received()).to.deep.equal([]);
      expect(only()).to.deep.include({ state: "PENDING", attempt: 0, firstAttemptAt: null, content: null });
      events.begin = begin;
      await handle(await claim());

      expect(received().map(({ attempt }) => attempt)).to.deep.equal([1]);
    });

    it("sends nothing if it was lost before it could be made longer", async () => {
      const { claimed, handle, destination, events, received } = setup();
      const messages = await claimed(1, { destinationId: await destination({ timeoutMs: 60_000 }) });
      events.extend = (claims) => Promise.resolve({ lost: claims });

      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(received()).to.deep.equal([]);
    });

    it("sends nothing once the worker is stopped, and gives the event back untried", async () => {
      const { claimed, handle, only, received } = setup();

      expect(await handle(await claimed(), 100, AbortSignal.abort())).to.deep.equal([ACK]);
      expect(received()).to.deep.equal([]);
      expect(only()).to.deep.include({ state: "PENDING", attempt: 0 });
    });

    it("tells of an end that came too late, and changes nothing then (I3)", async () => {
      const { claimed, deliver, handle, answer, clock, pass, claim, facts, only, attemptsOf } = setup();
      answer((times) => ({ status: times === 1 ? 400 : 200, afterMs: times === 1 ? 9_000 : 0 }));
      const [slow] = deliver.handle(await claimed());
      await pass(5_000);
      clock.step(MINUTE); // the worker does not notice, as if it had slept; another one takes the event over
      await handle(await claim(), 100);
      expect(only().state).to.equal("COMPLETED");
      await pass(10_000);

      expect(await slow).to.deep.equal(ACK);
      expect(only()).to.deep.include({ state: "COMPLETED", fence: 2 });
      expect(facts("lost")).to.deep.equal([{ kind: "lost", eventId: only().id, at: "finish" }]);
      expect(attemptsOf(only().id).map(({ error }) => error)).to.deep.equal(["unknown", null]);
    });
  });

  describe("at a destination", () => {
    it("starts no more requests in a second than its rate, and counts no attempt for those that wait", async () => {
      const { schedule, destination, up, passTo, received, system, attemptsOf, tables, facts } = setup();
      const destinationId = await destination({ ratePerSecond: 10 });
      for (let number = 0; number < 50; number++) {
        await schedule({ when: { at: "2027-01-01T01:00:00" }, destinationId });
      }
      up(2);
      await passTo("2027-01-01T01:01:00Z");

      const times = received().map(({ at }) => Date.parse(at));
      const busiest = Math.max(...times.map((from) => times.filter((at) => at >= from && at <= from + 1_000).length));
      expect(busiest).to.be.at.most(10);
      expect(times.at(-1)).to.be.below(Date.parse("2027-01-01T01:00:10Z"));
      expect(system.states()).to.deep.equal(Array(50).fill("COMPLETED"));
      expect([...tables.events.keys()].map((id) => attemptsOf(id).length)).to.deep.equal(Array(50).fill(1));
      expect(facts("postponed").length).to.be.above(39);
    });

    it("has no more requests under way at one time than it allows", async () => {
      const { schedule, destination, up, passTo, answer, received, clock, system } = setup();
      const destinationId = await destination({ concurrency: 3 });
      const ends: number[] = [];
      let most = 0;
      answer(() => {
        const now = clock.now().getTime();
        ends.push(now + 700);
        most = Math.max(most, ends.filter((end) => end > now).length);
        return { status: 200, afterMs: 700 };
      });
      for (let number = 0; number < 20; number++) {
        await schedule({ when: { at: "2027-01-01T01:00:00" }, destinationId });
      }
      up(2);
      await passTo("2027-01-01T01:01:00Z");

      expect(most).to.equal(3);
      expect(received()).to.have.length(20);
      expect(system.states()).to.deep.equal(Array(20).fill("COMPLETED"));
    });

    it("leaves one that fails alone for a while, and asks it again with one request", async () => {
      const { schedule, up, passTo, answer, received, clock, telemetry, system } = setup();
      const well = Date.parse("2027-01-01T01:05:00Z");
      answer(() => ({ status: clock.now().getTime() < well ? 503 : 200 }));
      for (let number = 0; number < 100; number++) await schedule({ when: { at: "2027-01-01T01:00:00" } });
      up();
      await passTo("2027-01-01T01:05:00Z");
      const during = received().length;
      await passTo("2027-01-01T02:00:00Z");

      expect(during).to.be.below(120);
      expect(telemetry.of("breaker").map(({ state }) => state)).to.include.members(["open", "closed"]);
      expect(system.states()).to.deep.equal(Array(100).fill("COMPLETED"));
    });

    it("harms no other: each has a rate, places and a breaker of its own (W7)", async () => {
      const { schedule, system, up, passTo, received } = setup();
      const bad = "https://bad.test/";
      system.sender.listen(bad, () => ({ error: "timeout", afterMs: 9_000 }));
      for (let number = 0; number < 40; number++) {
        await schedule({ when: { at: "2027-01-01T01:00:00" }, ...(number % 2 === 0 && { destination: { url: bad } }) });
      }
      up();
      await passTo("2027-01-01T01:00:01Z");

      expect(received().filter(({ url }) => url === URL)).to.have.length(20);
    });

    it("sends later if nobody knows whether it may: the gate is away", async () => {
      const { claimed, handle, gate, received, only } = setup();
      const messages = await claimed();
      gate.admit = () => Promise.reject(new Error("The gate is away"));

      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(received()).to.deep.equal([]);
      expect(only()).to.deep.include({ state: "PENDING", attempt: 0 });
    });

    for (const [what, because, inMs, least] of [
      ["half a second later, if a place should be free sooner", "concurrency", 20, 500],
      ["when a place should be free, if that is later", "concurrency", 700, 700],
      ["when its turn in the rate comes, however soon", "rate", 20, 20],
    ] as const) {
      it(`is asked again ${what}`, async () => {
        const { claimed, claim, handle, gate, only, clock, pass, received, facts } = setup();
        const messages = await claimed();
        const { admit } = gate;
        gate.admit = async (requests) => requests.map(() => ({ kind: "later", inMs, because }));
        const now = clock.now().getTime();
        expect(await handle(messages, 10)).to.deep.equal([ACK]);
        gate.admit = admit;

        const wait = (only().wakeAt?.getTime() ?? 0) - now;
        expect(only()).to.deep.include({ state: "PENDING", attempt: 0 });
        expect(facts("postponed")).to.deep.equal([{ kind: "postponed", eventId: only().id, because }]);
        expect(wait).to.be.within(least, least + DELIVER_DEFAULTS.flushMs);
        await pass(wait - 11);
        expect(await claim()).to.deep.equal([]);
        await pass(1);
        await handle(await claim());
        expect(received()).to.have.length(1);
      });
    }

    for (const [what, options, fields] of [
      ["here", { places: 1 }, {}],
      ["at the gate", {}, { concurrency: 1 }],
    ] as const) {
      it(`gives its place ${what} back where sending breaks off, so that the next one can go`, async () => {
        const { claimed, handle, destination, system, received, facts } = setup(options);
        const [first, second] = await claimed(2, { destinationId: await destination(fields) });
        if (first === undefined || second === undefined) throw new Error("There are not two");
        const { sender } = system;
        sender.send = () => Promise.reject(new TypeError("A bug"));
        expect(await handle([first], 100)).to.deep.equal([{ kind: "retry", inMs: 2_000 }]);
        expect(facts("trouble")).to.have.length(1);
        Reflect.deleteProperty(sender, "send");

        expect(await handle([second], 100)).to.deep.equal([ACK]);
        expect(received().map(({ id }) => id)).to.deep.equal([second.eventId]);
        expect(facts("postponed")).to.deep.equal([]);
      });
    }

    it("ends an event as it ended, though the gate cannot be told of it", async () => {
      const { claimed, handle, gate, only, facts } = setup();
      const messages = await claimed();
      gate.report = () => Promise.reject(new Error("The gate is away"));

      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(only().state).to.equal("COMPLETED");
      expect(facts("trouble")).to.have.length(1);
    });

    it("ends an event as it ended, though its destination cannot be disabled", async () => {
      const { claimed, handle, answer, only, tables, facts } = setup();
      answer(() => ({ status: 410 }));
      const messages = await claimed();
      tables.put = () => {
        throw new Error("The store is away");
      };
      const { putEvent } = tables;
      tables.putEvent = (event) => {
        const { put } = tables;
        Reflect.deleteProperty(tables, "put");
        putEvent.call(tables, event);
        tables.put = put;
      };

      expect(await handle(messages)).to.deep.equal([ACK]);
      expect(only()).to.deep.include({ state: "FAILED", reason: "gone" });
      expect(facts("trouble")).to.have.length(1);
    });

    it("whose secret cannot be opened waits, uncounted, and fails visibly in the end", async () => {
      const { schedule, system, up, pass, passTo, only, attemptsOf, facts } = setup();
      await schedule({ when: { at: "2027-01-01T01:00:00" }, retry: { within: "PT1H" } });
      system.sender.send = () => Promise.reject(new Unavailable("No key", { code: "secret_unreadable" }));
      up();
      await passTo("2027-01-01T01:30:00Z");
      expect(only()).to.include({ attempt: 0, reason: null });
      const tries = facts("trouble").length;
      expect(tries, "tries within half an hour").to.be.within(20, 200);
      await pass(HOUR);

      expect(only()).to.deep.include({ state: "FAILED", reason: "undeliverable", attempt: 0 });
      expect(attemptsOf(only().id)).to.deep.equal([]);
    });

    it("of a kind that nothing here can carry, fails visibly, without an attempt", async () => {
      const { claimed, handle, destination, only, attemptsOf, tables } = setup();
      const destinationId = await destination();
      const before = tables.destinations.get(destinationId);
      if (before !== undefined) tables.destinations.set(destinationId, { ...before, kind: "pigeon", url: "loft-7" });

      expect(await handle(await claimed(1, { destinationId }))).to.deep.equal([ACK]);
      expect(only()).to.deep.include({ state: "FAILED", reason: "undeliverable", attempt: 0 });
      expect(attemptsOf(only().id)).to.deep.equal([]);
    });
  });

  describe("under a schedule's policies", () => {
    const hourly = { when: { cron: "0 * * * *" }, count: 4 };

    it("starts an event though the one before is still tried, if nothing else is said", async () => {
      const { schedule, answer, up, passTo, received } = setup();
      await schedule(hourly);
      answer((times) => ({ status: times === 1 ? 503 : 200, retryAfter: "5400" }));
      up();
      await passTo("2027-01-01T02:10:00Z");

      expect(received().map(({ at }) => at.slice(11, 16))).to.deep.equal(["01:00", "02:00"]);
    });

    it("skips it, and says why, where ifRunning says so", async () => {
      const { schedule, answer, up, passTo, received, story, proof } = setup();
      const { id } = await schedule({ ...hourly, ifRunning: "skip" });
      answer((times) => (times === 1 ? { status: 503, retryAfter: "5400" } : { status: 200 }));
      up();
      await passTo("2027-01-01T06:00:00Z");

      expect(received().map(({ at }) => at.slice(11, 16))).to.deep.equal(["01:00", "02:30", "03:00", "04:00"]);
      expect(story(id)[1]).to.equal("2027-01-01T02:00 SKIPPED previous_still_running");
      expect(await proof()).to.deep.include({ expected: 4, delivered: 3, difference: 0 });
    });

    it("holds it back until then, where ifRunning says so, and sends all in order", async () => {
      const { schedule, answer, up, passTo, received, system, proof } = setup();
      await schedule({ ...hourly, ifRunning: "wait" });
      answer((times) => (times === 1 ? { status: 503, retryAfter: "9000" } : { status: 200 }));
      up();
      await passTo("2027-01-01T06:00:00Z");

      const times = received().map(({ at }) => Date.parse(at) - Date.parse("2027-01-01T00:00:00Z"));
      expect(times[0]).to.equal(HOUR);
      expect(times[1]).to.be.within(3.5 * HOUR, 3.5 * HOUR + 100);
      expect(times.slice(2, 4).every((time) => time >= 3.5 * HOUR && time < 3.5 * HOUR + MINUTE)).to.equal(true);
      expect(times.slice(4)).to.deep.equal([4 * HOUR]);
      const due = system.sender.received.map(({ request }) => request.dueAt.getTime());
      expect(due).to.deep.equal([...due].sort((one, other) => one - other));
      expect(await proof()).to.deep.include({ delivered: 4, difference: 0 });
    });

    it("holds it back while a slow receiver takes its time over the one before", async () => {
      const { schedule, answer, destination, up, passTo, received } = setup();
      const destinationId = await destination({ timeoutMs: 60_000 });
      await schedule({
        when: { every: "PT10S", start: "2027-01-01T01:00:00Z" },
        count: 3,
        ifRunning: "wait",
        destinationId,
      });
      answer(() => ({ status: 200, afterMs: 25_000 }));
      up();
      await passTo("2027-01-01T01:05:00Z");

      const times = received().map(({ at }) => Date.parse(at));
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(times).to.have.length(3);
      expect(Math.min(...gaps)).to.be.at.least(25_000);
    });

    it("skips what is later than it may be, and sends what is not (W24)", async () => {
      const { schedule, clock, up, pass, received, story, proof } = setup();
      const limited = { when: { at: "2027-01-01T01:00:00" }, lateness: { max: "PT1H" } };
      const late = await schedule(limited);
      clock.advance(2 * HOUR + 1_000);
      up();
      await pass(MINUTE);
      expect(received()).to.deep.equal([]);
      expect(story(late.id)).to.deep.equal(["2027-01-01T01:00 SKIPPED too_late"]);
      await schedule({ ...limited, when: { at: "2027-01-01T03:00:00" } });
      await pass(HOUR);

      expect(received()).to.have.length(1);
      expect(await proof()).to.deep.include({ expected: 2, delivered: 1, difference: 0 });
    });

    it("skips what became too late on its way from the scheduler", async () => {
      const { claimed, handle, clock, received, only } = setup();
      const messages = await claimed(1, { lateness: { max: "PT1M" } });
      clock.advance(61_000);
      await handle(messages);

      expect(received()).to.deep.equal([]);
      expect(only()).to.deep.include({ state: "SKIPPED", reason: "too_late", attempt: 0 });
    });

    it("tries no longer than it may be late", async () => {
      const { schedule, answer, up, pass, received, only } = setup();
      await schedule({ when: { at: "2027-01-01T01:00:00" }, lateness: { max: "PT10M" } });
      answer(() => ({ status: 503 }));
      up();
      await pass(DAY);

      expect(only()).to.deep.include({ state: "FAILED", reason: "out_of_time" });
      expect(received().every(({ at }) => at <= "2027-01-01T01:10:00.000Z")).to.equal(true);
    });

    for (const [status, state] of [
      [400, "FAILED"],
      [410, "FAILED"],
      [503, "FAILED"],
    ] as const) {
      it(`goes on with the series after ${status} (I5, W13)`, async () => {
        const { schedule, answer, up, passTo, story, proof } = setup();
        const { id } = await schedule({ ...hourly, retry: { maxAttempts: 1 } });
        answer((times) => ({ status: times === 1 ? status : 200 }));
        up();
        await passTo("2027-01-01T06:00:00Z");

        expect(story(id).map((line) => line.slice(17).split(" ")[0])).to.deep.equal([
          state,
          ...Array<string>(3).fill(status === 410 ? "FAILED" : "COMPLETED"),
        ]);
        expect(await proof()).to.deep.include({ expected: 4, difference: 0 });
      });
    }
  });
});
