import { expect } from "chai";
import { traceOnTheWay } from "../../src/events/trace.js";
import type { MemoryTransport } from "../../src/memory/transport.js";
import type { Message, SendReport, Transport, TransportCapabilities } from "../../src/ports/transport.js";
import { BY, DAY, failureOf, HOUR, MINUTE, scene } from "./support/scene.js";

describe("HandOverDue", () => {
  const batch = { limit: 100, leaseMs: 30_000, lookAheadMs: 0 };
  const NOTHING = { seen: 0, accepted: 0, refused: 0, held: 0 };

  interface Link {
    readonly capabilities?: Partial<TransportCapabilities>;
    /** What becomes of a batch; left out, the queue decides. */
    send?: (messages: readonly Message[], queue: MemoryTransport) => Promise<SendReport>;
  }

  function setup(link: Link = {}) {
    /** The sizes of the batches that the transport was given. */
    const sizes: number[] = [];
    const whole = scene("2027-01-01T00:00:00Z", {
      transport: (queue): Transport => ({
        capabilities: { ...queue.capabilities, ...link.capabilities },
        send: async (messages) => {
          sizes.push(messages.length);
          return link.send === undefined ? queue.send(messages) : link.send(messages, queue);
        },
        consume: async (options, handle, signal) => queue.consume(options, handle, signal),
        consumeDeadLetters: (handle, signal) => queue.consumeDeadLetters(handle, signal),
      }),
    });
    const { system, schedule, tables, passTo } = whole;
    const { handOver, queue, deliver } = system;
    return {
      ...whole,
      ...{ handOver, queue, sizes, telemetry: system.telemetry },
      due: async (count: number, at = "2027-01-01T01:00:00", fields: Record<string, unknown> = {}) => {
        for (let number = 0; number < count; number++) await schedule({ when: { at }, ...fields });
      },
      atOne: () => passTo("2027-01-01T01:00:00Z"),
      /** What the queue offers now. */
      offered: () => queue.receive(10_000).map(({ message }) => message),
      /** Delivers what the queue offers now. */
      work: async () => {
        const received = queue.receive(10_000);
        const verdicts = deliver.handle(received.map(({ message }) => message));
        for (const [index, one] of received.entries()) void verdicts[index]?.then((verdict) => one.settle(verdict));
        await system.pass(1_000);
      },
      open: () => [...tables.events.values()].filter(({ finishedAt }) => finishedAt === null),
    };
  }

  it("does nothing where nothing is due, and asks the transport nothing", async () => {
    const { handOver, due, sizes, telemetry } = setup();
    expect(await handOver.run(batch)).to.deep.equal(NOTHING);
    await due(3);

    expect(await handOver.run(batch)).to.deep.equal(NOTHING);
    expect(sizes).to.deep.equal([]);
    expect(telemetry.facts).to.deep.equal([]);
  });

  it("hands over what is due, once, however often it runs", async () => {
    const { handOver, due, atOne, offered, open } = setup();
    await due(3);
    await atOne();

    expect(await handOver.run(batch)).to.deep.equal({ ...NOTHING, seen: 3, accepted: 3 });
    expect(await handOver.run(batch)).to.deep.equal(NOTHING);
    const ids = offered().map(({ eventId }) => eventId);
    expect(ids.sort()).to.deep.equal(
      open()
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("says of an event only which it is: what is sent is read when it is sent", async () => {
    const { handOver, due, atOne, offered, open } = setup();
    await due(1);
    await atOne();
    await handOver.run(batch);
    const [event] = open();

    expect(offered()).to.deep.equal([
      {
        ...{ version: 1, eventId: event?.id, tenant: BY.tenant, scheduleId: event?.scheduleId, fence: 1 },
        ...{ dueAt: event?.dueAt, notBefore: event?.dueAt },
        traceparent: traceOnTheWay(event?.id ?? ""),
      },
    ]);
  });

  it("takes no more than its limit, the earliest first, and tells that there may be more", async () => {
    const { handOver, due, atOne, offered } = setup();
    await due(5, "2027-01-01T01:00:00");
    await due(5, "2027-01-01T00:30:00");
    await atOne();

    expect(await handOver.run({ ...batch, limit: 6 })).to.deep.include({ seen: 6, accepted: 6 });
    const times = offered().map(({ dueAt }) => dueAt.toISOString().slice(11, 16));
    expect(times).to.deep.equal(["00:30", "00:30", "00:30", "00:30", "00:30", "01:00"]);
    expect(await handOver.run({ ...batch, limit: 6 })).to.deep.include({ seen: 4, accepted: 4 });
  });

  it("gives the transport its largest batches, and none that is larger", async () => {
    const { handOver, due, atOne, sizes } = setup({ capabilities: { maxBatch: 10 } });
    await due(25);
    await atOne();
    await handOver.run(batch);

    expect(sizes).to.deep.equal([10, 10, 5]);
  });

  it("gives it all batches at once: none waits for a slower one", async () => {
    const link: Link = { capabilities: { maxBatch: 1 } };
    const { handOver, due, atOne, pass, queue, clock } = setup(link);
    link.send = async (messages, queue) => {
      await clock.sleep(5_000);
      return queue.send(messages);
    };
    await due(10);
    await atOne();
    const report = handOver.run(batch);
    await pass(5_000);

    expect(await report).to.deep.include({ accepted: 10 });
    expect(queue.size).to.equal(10);
  });

  it("makes each series' next event with the claim of the one before, once (I4)", async () => {
    const { handOver, schedule, atOne, story } = setup();
    const { id } = await schedule({ when: { cron: "0 * * * *" } });
    await atOne();
    await Promise.all(Array.from({ length: 20 }, () => handOver.run(batch)));

    expect(story(id)).to.deep.equal(["2027-01-01T01:00 PROCESSING", "2027-01-01T02:00 PENDING"]);
  });

  for (const place of ["next.before_insert", "claim.before_commit"] as const) {
    it(`claims nothing and makes nothing if it dies at ${place} (I4, W12)`, async () => {
      const { handOver, schedule, atOne, system, eventsOf } = setup();
      const { id } = await schedule({ when: { cron: "0 * * * *" } });
      await atOne();
      const before = eventsOf(id);
      const died = new Error("The process was ended");
      system.failpoints.arm(place, () => {
        throw died;
      });

      expect(await failureOf(handOver.run(batch))).to.equal(died);
      expect(eventsOf(id)).to.deep.equal(before);
    });
  }

  for (const place of ["claim.after_commit", "publish.before", "publish.after_ack"] as const) {
    it(`loses nothing and sends nothing twice if it dies at ${place} (I2, W3)`, async () => {
      const { handOver, due, atOne, system, work, pass, received } = setup({ capabilities: { maxBatch: 2 } });
      await due(5);
      await atOne();
      const died = new Error("The process was ended");
      let passed = 0;
      system.failpoints.arm(place, () => {
        if (++passed === (place === "claim.after_commit" ? 1 : 2)) throw died;
      });
      expect(await failureOf(handOver.run(batch))).to.equal(died);
      system.failpoints.disarm(place);
      await work();
      await pass(batch.leaseMs);
      await handOver.run(batch);
      await work();

      expect(received()).to.have.length(5);
      expect(new Set(system.states())).to.deep.equal(new Set(["COMPLETED"]));
    });
  }

  it("gives back what the transport refuses, and hands it over the next time", async () => {
    const link: Link = {};
    const { handOver, due, atOne, open, telemetry } = setup(link);
    await due(4);
    await atOne();
    link.send = async (messages, queue) => {
      const { accepted } = await queue.send(messages.slice(0, 3));
      return { accepted, refused: messages.slice(3).map((message) => ({ message, reason: "throttled" })) };
    };
    expect(await handOver.run(batch)).to.deep.include({ seen: 4, accepted: 3, refused: 1 });
    expect(open().map(({ state }) => state)).to.have.members(["PROCESSING", "PROCESSING", "PROCESSING", "PENDING"]);
    expect(telemetry.of("handed_over")).to.deep.equal([{ kind: "handed_over", accepted: 3, refused: 1 }]);
    delete link.send;

    expect(await handOver.run(batch)).to.deep.include({ seen: 1, accepted: 1, refused: 0 });
  });

  it("gives back the batch at which the transport throws, and hands over the others", async () => {
    const link: Link = { capabilities: { maxBatch: 2 } };
    const { handOver, due, atOne, sizes, telemetry, open } = setup(link);
    await due(6);
    await atOne();
    link.send = async (messages, queue) => {
      if (sizes.length === 2) throw new Error("The queue is away");
      return queue.send(messages);
    };

    expect(await handOver.run(batch)).to.deep.include({ seen: 6, accepted: 4, refused: 2 });
    expect(open().filter(({ state }) => state === "PENDING")).to.have.length(2);
    expect(telemetry.of("trouble").map(({ where }) => where)).to.deep.equal(["transport.send"]);
  });

  it("hands nothing over whose lease could end on the way", async () => {
    const { handOver, due, atOne, system, clock, pass, queue, sizes } = setup();
    await due(3);
    await atOne();
    system.failpoints.arm("claim.after_commit", () => clock.sleep(15_001));
    const report = handOver.run(batch);
    await pass(20_000);

    expect(await report).to.deep.include({ seen: 3, accepted: 0, refused: 3 });
    expect([queue.size, sizes]).to.deep.equal([0, []]);
  });

  it("hands nothing over once it is stopped, and another one can claim it at once", async () => {
    const { handOver, due, atOne, queue } = setup();
    await due(3);
    await atOne();

    expect(await handOver.run(batch, AbortSignal.abort())).to.deep.include({ seen: 3, accepted: 0, refused: 3 });
    expect(queue.size).to.equal(0);
    expect(await handOver.run(batch)).to.deep.include({ accepted: 3 });
  });

  it("sees to what is not to be sent as well: it may be paused, deleted, missed or too late", async () => {
    const { handOver, schedule, clock, system, telemetry, passTo, proof } = setup();
    const daily = { when: { cron: "0 1 * * *" } };
    await schedule({ ...daily, catchUp: "none" });
    await schedule({ ...daily, lateness: { max: "PT1M" }, count: 1 });
    await schedule({ when: { at: "2027-01-01T01:00:00" } });
    clock.advance(DAY);
    const report = await handOver.run(batch);

    expect(report).to.deep.equal({ seen: 3, accepted: 1, refused: 0, held: 0 });
    expect(telemetry.of("claimed")).to.deep.equal([{ kind: "claimed", count: 1, skipped: 2, planned: 1 }]);
    expect(system.states().sort()).to.deep.equal(["PENDING", "PROCESSING", "SKIPPED", "SKIPPED"]);
    await passTo("2027-01-02T00:30:00Z");
    expect(await proof()).to.deep.include({ expected: 3, difference: 0 });
  });

  it("sends after an outage of a day what each schedule wants to catch up with (W4, W5)", async () => {
    const { handOver, schedule, clock, offered, proof } = setup();
    const plans = { all: 24, latest: 1, none: 0 } as const;
    const ids = new Map<string, string>();
    for (const catchUp of ["all", "latest", "none"] as const) {
      const { id } = await schedule({ when: { cron: "30 * * * *" }, catchUp });
      ids.set(id, catchUp);
    }
    clock.advance(DAY);
    for (let seen = 1; seen > 0;) ({ seen } = await handOver.run(batch));

    const byPlan = Map.groupBy(offered(), ({ scheduleId }) => ids.get(scheduleId));
    for (const [plan, count] of Object.entries(plans)) expect(byPlan.get(plan)?.length ?? 0, plan).to.equal(count);
    const { skipped, ...sums } = await proof();
    expect(skipped).to.deep.equal({ missed: 23 + 24 });
    expect(sums).to.deep.include({ expected: 72, open: 25, difference: 0 });
  });

  describe("ahead of its time", () => {
    const ahead = { ...batch, leaseMs: 2 * MINUTE, lookAheadMs: MINUTE };
    const almostOne = "2027-01-01T00:59:30Z";

    it("lets the transport hold what is early, where it can", async () => {
      const { handOver, due, passTo, queue, offered, pass } = setup();
      await due(2);
      await passTo(almostOne);
      expect(await handOver.run(ahead)).to.deep.include({ accepted: 2, held: 0 });
      expect(queue.size).to.equal(2);
      await pass(29_999);
      expect(offered()).to.deep.equal([]);
      await pass(1);

      expect(offered()).to.have.length(2);
    });

    it("takes nothing that is later than it looks ahead", async () => {
      const { handOver, due, passTo } = setup();
      await due(1, "2027-01-01T01:00:31");
      await passTo(almostOne);

      expect(await handOver.run(ahead)).to.deep.equal(NOTHING);
    });

    it("offers it to the worker at once, where that is to hold it", async () => {
      const { handOver, due, passTo, offered } = setup({ capabilities: { early: "worker", maxDelaySeconds: 0 } });
      await due(1);
      await passTo(almostOne);
      await handOver.run(ahead);

      expect(offered().map(({ dueAt }) => dueAt.toISOString())).to.deep.equal(["2027-01-01T01:00:00.000Z"]);
    });

    it("holds it itself, where nobody else can, and hands each over at its time", async () => {
      const link: Link = { capabilities: { early: "scheduler", maxDelaySeconds: 0 } };
      const { handOver, due, passTo, pass, clock } = setup(link);
      const sent: string[] = [];
      link.send = async (messages, queue) => {
        sent.push(`${clock.now().toISOString().slice(11, 19)} ${messages.length}`);
        return queue.send(messages);
      };
      await due(1, "2027-01-01T00:59:00");
      await due(2, "2027-01-01T01:00:10");
      await due(3, "2027-01-01T01:00:00");
      await passTo(almostOne);
      expect(await handOver.run(ahead)).to.deep.equal({ seen: 6, accepted: 1, refused: 0, held: 5 });
      await pass(MINUTE);
      await handOver.settled();

      expect(sent).to.deep.equal(["00:59:30 1", "01:00:00 3", "01:00:10 2"]);
    });

    it("hands over what falls due meanwhile, while it holds", async () => {
      const link: Link = { capabilities: { early: "scheduler", maxDelaySeconds: 0 } };
      const { handOver, due, passTo, queue } = setup(link);
      await due(1);
      await passTo(almostOne);
      await handOver.run(ahead);
      await due(1, "2027-01-01T00:59:40");
      await passTo("2027-01-01T00:59:40Z");
      await handOver.run(ahead);

      expect(queue.size).to.equal(1);
    });

    it("gives back what it holds when it is stopped, for its own time", async () => {
      const { handOver, due, passTo, pass, open, queue } = setup({ capabilities: { early: "scheduler" } });
      await due(2);
      await passTo(almostOne);
      const stop = new AbortController();
      await handOver.run(ahead, stop.signal);
      stop.abort();
      await pass(0);
      await handOver.settled();

      expect(queue.size).to.equal(0);
      const at = new Date("2027-01-01T01:00:00Z");
      expect(open().map(({ state, wakeAt }) => [state, wakeAt])).to.deep.equal([
        ["PENDING", at],
        ["PENDING", at],
      ]);
    });

    it("hands over nothing that was cancelled while it held it, or nothing comes of it (I7)", async () => {
      const { handOver, due, passTo, pass, open, work, cancelEvent, received } = setup({
        capabilities: { early: "scheduler" },
      });
      await due(1);
      await passTo(almostOne);
      await handOver.run(ahead);
      await cancelEvent.run({ ...BY, id: open()[0]?.id ?? "" });
      await pass(MINUTE);
      await work();

      expect(received()).to.deep.equal([]);
    });

    it("takes no pause before a retry for a time that is to come", async () => {
      const { handOver, due, atOne, answer, work, open } = setup();
      await due(1);
      await atOne();
      answer(() => ({ status: 503, retryAfter: "30" }));
      await handOver.run(batch);
      await work();
      expect(open().map(({ state }) => state)).to.deep.equal(["PENDING"]);

      expect(await handOver.run({ ...batch, lookAheadMs: HOUR })).to.deep.equal(NOTHING);
    });
  });
});
