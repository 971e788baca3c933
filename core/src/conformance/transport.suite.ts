import { expect } from "chai";
import { type ConsumeOptions, type Message, type MessageVerdict, type SendReport } from "../ports/transport.js";
import { type Case, describeCases, type Runner } from "./cases.js";
import { eventually, Gate } from "./passing.js";
import {
  Consumer,
  messagesOf,
  type OpenTransport,
  type Stage,
  stageOf,
  type TransportHarness,
} from "./transport-stage.js";

const ACK: MessageVerdict = { kind: "ack" };
const RETRY: MessageVerdict = { kind: "retry", inMs: 0 };
const ONE: ConsumeOptions = { maxInFlight: 1, maxBatch: 1 };

/** A test for each case, with the runner's own `describe` and `it`; left out, with those that are there for all. */
export function describeTransport(adapter: string, harness: TransportHarness, runner: Runner = { describe, it }): void {
  const { atOnce = 1, timeoutMs } = harness;
  describeCases(`${adapter} as a Transport`, transportCases(harness), runner, { atOnce, timeoutMs });
}

/** All that a transport is asked, in the order of its promises. */
export function transportCases(harness: TransportHarness): readonly Case[] {
  const { capabilities } = harness;
  const { maxBatch, maxDelaySeconds } = capabilities;
  const cases: Case[] = [];
  type Act = (stage: Stage) => Promise<void> | void;
  const given = (able: boolean, lack: string) => (id: string, title: string, act: Act) => {
    const [promise = ""] = id.split(".");
    cases.push({ id, promise, title, lack: able ? null : lack, run: () => onStage(harness, act) });
  };
  const always = given(true, "");
  const delaying = given(maxDelaySeconds > 0, "cannot delay");
  const burying = given(capabilities.deadLetters, "has no dead letters");
  const fetching = given(!capabilities.push, "messages are pushed to it");
  const lasting = given(harness.reopen !== undefined, "is gone with its process");
  const unreadable = given(
    capabilities.deadLetters && harness.sendUnreadable !== undefined,
    "nothing unreadable gets into it",
  );
  const telling = given(harness.tellsReceipts === true, "cannot tell an old receipt from a newer one");
  const stalling = given(harness.stall !== undefined, "its service cannot be kept from answering");
  const ordering = (least: "per_schedule" | "total", id: string, title: string, act: Act) => {
    const able = capabilities.ordering === "total" || capabilities.ordering === least;
    given(able, "promises no such order")(id, title, act);
  };

  always("T0.1", "says what it can do", async ({ open }) => {
    expect(open.transport.capabilities).to.deep.equal(capabilities);
  });

  always("T1.1", "offers all that it accepted", async ({ messages, send, consume, soon }) => {
    const batches = Array.from({ length: 4 }, () => messages(Math.min(maxBatch, 25)));
    const reports = await Promise.all(batches.map(send));
    const consumer = consume();
    const accepted = reports.flatMap((report) => report.accepted);
    expect(accepted).to.have.length(batches.flat().length);
    await soon("all that was accepted", () => accepted.every((one) => consumer.times(one) > 0));
  });

  always("T1.2", "offers what is sent while a consumer waits", async ({ open, message, sendAll, consume, soon }) => {
    const consumer = consume();
    await open.pass(open.patienceMs);
    const [one, other] = [message(), message()];
    await sendAll([one]);
    await soon("the first", () => consumer.times(one) > 0);
    await sendAll([other]);
    await soon("the second", () => consumer.times(other) > 0);
  });

  lasting(
    "T1.3",
    "offers what it accepted to another process too",
    async ({ open, messages, sendAll, consume, soon }) => {
      const batch = messages(3);
      await sendAll(batch);
      const consumer = consume(() => ACK, {}, await harness.reopen?.(open));
      await soon("all that was accepted", () => batch.every((one) => consumer.times(one) > 0));
    },
  );

  always("T1.4", "offers nothing that it refused", async ({ open, message, later, send, consume, soon, tooLarge }) => {
    const bad = [message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) }), tooLarge()];
    const good = message();
    const { refused } = await send([...bad, good].slice(-maxBatch));
    const consumer = consume();
    await soon("what was accepted", () => consumer.times(good) > 0);
    await open.pass(open.redeliveryMs);
    for (const one of refused) expect(consumer.times(one.message), one.reason.slice(0, 200)).to.equal(0);
  });

  always("T2.1", "has a result for each message, and one for none", async ({ messages, send }) => {
    const batch = messages(Math.min(maxBatch, 7));
    expectEach(await send(batch), batch);
    expectEach(await send([]), []);
  });

  always(
    "T2.2",
    "refuses a message that is too large without its neighbours",
    async ({ message, send, consume, soon, tooLarge }) => {
      const bad = tooLarge();
      const batch = [message(), bad, message()].slice(-Math.max(maxBatch, 2));
      const report = await send(batch);
      expectEach(report, batch);
      for (const { message: one, reason } of report.refused) {
        expect(one.eventId, reason.slice(0, 200)).to.equal(bad.eventId);
        expect(reason, "the reason").not.to.equal("");
      }
      const consumer = consume();
      await soon("what was accepted", () => report.accepted.every((one) => consumer.times(one) > 0));
    },
  );

  delaying(
    "T2.3",
    "takes or refuses a message that is too far ahead without its neighbours",
    async ({ message, later, send, consume, soon }) => {
      const bad = message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) });
      const batch = [bad, message()];
      const report = await send(batch);
      expectEach(report, batch);
      const consumer = consume();
      await soon("its neighbour", () => consumer.times(batch[1]) > 0);
    },
  );

  always(
    "T2.4",
    "tells of each refusal by the message that it refused",
    async ({ message, send, tooLarge, consume, soon }) => {
      const batch = [tooLarge(), message(), tooLarge(), message(), message(), tooLarge()].slice(0, maxBatch);
      const report = await send(batch);
      expectEach(report, batch);
      const bad = batch.filter(({ traceparent }) => traceparent !== undefined);
      for (const { message: one, reason } of report.refused) expect(bad, reason.slice(0, 200)).to.include(one);
      for (const one of report.accepted) expect(batch, "what was given").to.include(one);
      const consumer = consume();
      await soon("what was accepted", () => report.accepted.every((one) => consumer.times(one) > 0));
    },
  );

  always("T3.1", "offers a message again whose handler failed", async ({ open, message, sendAll, consume, soon }) => {
    const [failing, fine] = [message(), message()];
    await sendAll([failing, fine]);
    const consumer = consume(async (one, times) => {
      if (one.eventId === failing.eventId && times === 1) throw new Error("The handler failed");
      return ACK;
    });
    await soon("its neighbour", () => consumer.times(fine) > 0);
    await soon("another time", () => consumer.times(failing) > 1, 2 * open.redeliveryMs);
  });

  always("T3.2", "offers what was acknowledged no more", async ({ open, messages, sendAll, consume, soon }) => {
    const batch = messages(Math.min(maxBatch, 20));
    await sendAll(batch);
    const consumer = consume();
    await soon("all", () => batch.every((one) => consumer.times(one) > 0));
    await open.pass(2.5 * open.redeliveryMs);
    // Any message may come twice (T1), yet not as a rule.
    const again = batch.filter((one) => consumer.times(one) > 1);
    expect(again.length, "came again").to.be.at.most(batch.length / 4);
  });

  always("T3.3", "goes on with others while one is slow", async ({ messages, sendAll, consume, soon }) => {
    const batch = messages(Math.min(maxBatch, 6));
    const [slow, ...others] = [...batch, ...messages(6 - batch.length)];
    await sendAll(batch);
    for (const one of others.slice(batch.length - 1)) await sendAll([one]);
    const gate = new Gate();
    const consumer = consume(
      async (one) => {
        if (one.eventId === slow?.eventId) await gate.opened;
        return ACK;
      },
      { maxInFlight: 3, maxBatch: 3 },
    );
    await soon("the others", () => others.every((one) => consumer.times(one) > 0));
    gate.open();
  });

  always("T3.4", "keeps several consumers busy", async ({ open, messages, sendAll, consume, soon }) => {
    const gate = new Gate();
    const hold = async () => {
      await gate.opened;
      return ACK;
    };
    const three = [consume, consume, consume].map((start) => start(hold, ONE));
    await open.pass(open.patienceMs);
    await sendAll(messages(3));
    await soon("a message for each", () => three.every((one) => one.underWay === 1));
    gate.open();
  });

  burying(
    "T3.5",
    "puts a rejected message, and no other, among the dead letters",
    async ({ open, message, sendAll, consume, soon, deadLetters }) => {
      const [bad, good] = [message(), message()];
      await sendAll([bad, good]);
      const consumer = consume((one) => (one.eventId === bad.eventId ? { kind: "reject", reason: "forged" } : ACK));
      await soon("both", () => consumer.times(bad) > 0 && consumer.times(good) > 0);
      expect((await deadLetters(1)).map((letter) => letter.message)).to.deep.equal([bad]);
      await open.pass(2 * open.redeliveryMs);
      expect(consumer.times(bad), "offered").to.equal(1);
      expect(await open.deadLetters()).to.have.length(1);
    },
  );

  burying(
    "T3.6",
    "gives up at last on a message that nobody can deal with, and keeps it",
    async ({ message, sendAll, consume, deadLetters }) => {
      const [hopeless, good] = [message(), message()];
      await sendAll([hopeless, good]);
      const consumer = consume((one) => (one.eventId === hopeless.eventId ? RETRY : ACK));
      const [letter] = await deadLetters(1);
      expect(letter?.message).to.deep.equal(hopeless);
      expect(letter?.reason).to.be.a("string").that.is.not.empty;
      expect(consumer.times(hopeless), "offered before").to.be.at.least(2);
    },
  );

  always(
    "T3.7",
    "decides about each copy of a message by itself",
    async ({ open, message, sendAll, consume, soon }) => {
      const twice = message();
      await sendAll([twice]);
      await sendAll([twice]);
      const consumer = consume((_, times) => (times === 2 ? RETRY : ACK));
      await soon("the message", () => consumer.times(twice) > 0);
      await open.pass(open.patienceMs);
      // Whoever tells that they are one has but one to offer.
      if (consumer.times(twice) > 1) await soon("the copy again", () => consumer.times(twice) > 2);
      await open.pass(2 * open.redeliveryMs);
      expect(consumer.times(twice), "offered").to.be.at.most(4);
    },
  );

  telling(
    "T3.8",
    "lets an old receipt decide nothing about a newer one",
    async ({ open, message, sendAll, consume, soon }) => {
      const one = message();
      const [old, newer] = [new Gate(), new Gate()];
      await sendAll([one]);
      const consumer = consume(async (_, times) => {
        await (times === 1 ? old.opened : times === 2 ? newer.opened : null);
        if (times === 2) throw new Error("The handler failed");
        return ACK;
      });
      await soon("the message", () => consumer.times(one) > 0);
      await soon("the message again, while its handler is at it", () => consumer.times(one) > 1, 2 * open.redeliveryMs);
      old.open();
      await open.pass(open.patienceMs);
      newer.open();
      await soon("a third time", () => consumer.times(one) > 2, 2 * open.redeliveryMs);
    },
  );

  delaying("T4.1", "offers no message before its time", async ({ open, message, sendAll, consume, soon }) => {
    const start = open.now().getTime();
    const pauses = [2_500, 0, 1_200, 1_900].slice(0, maxBatch);
    const batch = pauses.map((ms) => message({ notBefore: new Date(start + ms) }));
    const consumer = consume();
    await sendAll(batch);
    await soon("all", () => batch.every((one) => consumer.times(one) > 0), 2_500);
    for (const one of batch) {
      expect(consumer.first(one)?.at.getTime() ?? Infinity, "offered").to.be.at.least(one.notBefore.getTime());
    }
  });

  delaying(
    "T4.2",
    "holds a message for as long as it says it can",
    async ({ open, message, later, send, sendAll, consume }) => {
      const longest = message({ notBefore: later(maxDelaySeconds * 1_000) });
      await sendAll([longest]);
      const beyond = message({ notBefore: later((maxDelaySeconds + 3_600) * 1_000) });
      await send([beyond]);
      const consumer = consume();
      await open.pass(Math.min(2 * open.redeliveryMs, maxDelaySeconds * 500));
      expect(consumer.seen).to.deep.equal([]);
    },
  );

  always(
    "T5.1",
    "offers a message again no earlier than asked, and others of its batch by themselves",
    async ({ open, message, sendAll, consume, soon }) => {
      const pauses = [open.redeliveryMs + 700, 1_300, null];
      const batch = pauses.map(() => message());
      const pauseOf = (one: Message) => pauses[batch.findIndex(({ eventId }) => eventId === one.eventId)] ?? null;
      await sendAll(batch.slice(0, maxBatch));
      for (const one of batch.slice(maxBatch)) await sendAll([one]);
      const asked = new Map<string, number>();
      const consumer = consume((one) => {
        const pause = pauseOf(one);
        if (pause === null || asked.has(one.eventId)) return ACK;
        asked.set(one.eventId, open.now().getTime() + pause);
        return { kind: "retry", inMs: pause };
      });
      const [long, short, none] = batch;
      await soon("all", () => batch.every((one) => consumer.times(one) > 0));
      await soon("the one with the short pause", () => consumer.times(short) > 1, 1_300);
      await soon("the one with the long pause", () => consumer.times(long) > 1, open.redeliveryMs + 700);
      for (const one of [long, short]) {
        const again = consumer.seen.filter((seen) => seen.message?.eventId === one?.eventId)[1];
        expect(again?.at.getTime(), "came again at").to.be.at.least(asked.get(one?.eventId ?? "") ?? Infinity);
      }
      expect(consumer.times(none), "its neighbour").to.equal(1);
    },
  );

  always("T5.2", "offers a message again at once where that is asked", async ({ message, sendAll, consume, soon }) => {
    const one = message();
    await sendAll([one]);
    const consumer = consume((_, times) => (times === 1 ? RETRY : ACK));
    await soon("another time", () => consumer.times(one) > 1);
  });

  always(
    "T5.3",
    "wakes a waiting consumer for what another one gave back",
    async ({ open, message, sendAll, consume, soon }) => {
      const one = message();
      const gate = new Gate();
      const first = consume(async () => {
        await gate.opened;
        return RETRY;
      }, ONE);
      await sendAll([one]);
      await soon("the message", () => first.times(one) > 0);
      first.abort();
      const second = consume();
      await open.pass(1);
      gate.open();
      await soon("the message, by another consumer", () => second.times(one) > 0);
    },
  );

  always("T6.1", "gives a message as it was sent", async ({ message, sendAll, consume, soon }) => {
    const batch = [
      message({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }),
      message({ fence: Number.MAX_SAFE_INTEGER, dueAt: new Date("9999-12-31T23:59:59.999Z") }),
      message({ tenant: `a "b" <c> & 'd' \\ e\n\t\u0001\u2028 ü 😀 %7B {{f}}`, dueAt: new Date(1) }),
      message({ tenant: "x".repeat(2_000), notBefore: new Date(0) }),
    ];
    for (const one of batch) await sendAll([one]);
    const consumer = consume();
    await soon("all", () => batch.every((one) => consumer.times(one) > 0));
    for (const one of batch) expect(consumer.first(one)?.message).to.deep.equal(one);
  });

  always("T6.2", "gives a message as it was sent each time", async ({ message, sendAll, consume, soon }) => {
    const one = message({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
    await sendAll([one]);
    const consumer = consume((_, times) => (times === 1 ? RETRY : ACK));
    await soon("another time", () => consumer.times(one) > 1);
    for (const seen of consumer.seen) expect(seen.message).to.deep.equal(one);
  });

  always(
    "T6.3",
    "gives characters of four bytes as they were sent, up to the size that it takes",
    async ({ message, send, sendAll, consume, soon }) => {
      // Of a fifth of the size even if each is escaped; the last is too large in bytes, and not in characters.
      const [small, ...large] = [0.2, 0.5, 0.9, 1.5].map((share) =>
        message({ tenant: "😀".repeat(Math.max(1, Math.floor((share * capabilities.maxBodyBytes - 500) / 4))) }),
      );
      const plain = message();
      await sendAll(small === undefined ? [plain] : [small]);
      const accepted = [small, plain];
      for (const one of large) accepted.push(...(await send([one])).accepted);
      await sendAll([plain]);
      const consumer = consume();
      await soon("all that was accepted", () => accepted.every((one) => consumer.times(one) > 0));
      for (const one of accepted) {
        const same = consumer.first(one)?.message?.tenant === one?.tenant;
        expect(same, `the same of ${one?.tenant.length} characters`).to.equal(true);
      }
    },
  );

  always("T6.4", "gives each handler a message of its own", async ({ message, sendAll, consume, soon }) => {
    const one = message();
    const asSent = structuredClone(one);
    await sendAll([one]);
    Object.assign(one, { tenant: "changed by its sender" });
    const tenants: string[] = [];
    const consumer = consume((mine, times) => {
      tenants.push(mine.tenant);
      // What is frozen is as good as one's own.
      if (!Object.isFrozen(mine)) Object.assign(mine, { tenant: "changed by its handler" });
      return times === 1 ? RETRY : ACK;
    });
    await soon("another time", () => consumer.times(one) > 1);
    expect(tenants).to.deep.equal(tenants.map(() => asSent.tenant));
  });

  fetching(
    "T7.1",
    "takes nothing new once it is aborted, finishes what is under way, and returns",
    async ({ open, message, messages, sendAll, consume, soon }) => {
      const gate = new Gate();
      const under = messages(2);
      await sendAll(under.slice(0, maxBatch));
      for (const one of under.slice(maxBatch)) await sendAll([one]);
      const consumer = consume(async () => {
        await gate.opened;
        return ACK;
      });
      await soon("what is under way", () => consumer.underWay === 2);
      consumer.abort();
      const late = message();
      await sendAll([late]);
      await open.pass(open.patienceMs);
      expect(consumer.returned, "returned before its work was done").to.equal(false);
      expect(consumer.times(late), "taken after the abort").to.equal(0);
      gate.open();
      await soon("the return", () => consumer.returned);
      expect(consumer.underWay).to.equal(0);

      const next = consume();
      await soon("what came after the abort", () => next.times(late) > 0);
      await open.pass(2 * open.redeliveryMs);
      const again = under.filter((one) => next.times(one) > 0);
      expect(again, "acknowledged after the abort and yet offered again").to.deep.equal([]);
    },
  );

  fetching("T7.2", "stops at once when it waits for messages", async ({ open, consume, soon }) => {
    const consumer = consume();
    await open.pass(open.patienceMs);
    consumer.abort();
    await soon("the return", () => consumer.returned);
  });

  fetching(
    "T7.3",
    "takes nothing where it is aborted before it begins",
    async ({ open, message, sendAll, consume, soon }) => {
      const one = message();
      await sendAll([one]);
      const aborted = new Consumer(open, messagesOf(open, open.transport, ONE), () => ACK, AbortSignal.abort());
      await soon("the return", () => aborted.returned);
      expect(aborted.seen).to.deep.equal([]);
      const consumer = consume();
      await soon("the message", () => consumer.times(one) > 0);
    },
  );

  fetching("T8.1", "never has more under way than it may", async ({ open, messages, sendAll, consume, soon }) => {
    const batch = messages(12);
    for (const one of batch) await sendAll([one]);
    const gates: Gate[] = [];
    const consumer = consume(
      async () => {
        const gate = new Gate();
        gates.push(gate);
        await gate.opened;
        return ACK;
      },
      { maxInFlight: 3, maxBatch: 2 },
    );
    while (consumer.underWay > 0 || !batch.every((one) => consumer.times(one) > 0)) {
      await soon("something to do", () => gates.length > 0);
      await open.pass(10);
      // One by one, the latest first: places become free in the middle of a batch.
      gates.pop()?.open();
      await open.pass(0);
    }
    expect(consumer.most, "most under way").to.be.within(2, 3);
    expect(consumer.largestBatch, "largest batch").to.be.at.most(2);
  });

  fetching("T8.2", "fills the places that it has", async ({ open, messages, sendAll, consume, soon }) => {
    const gate = new Gate();
    const consumer = consume(
      async () => {
        await gate.opened;
        return ACK;
      },
      { maxInFlight: 5, maxBatch: 2 },
    );
    for (const one of messages(8)) await sendAll([one]);
    await soon("all places taken", () => consumer.underWay === 5);
    await open.pass(open.patienceMs);
    expect(consumer.most).to.equal(5);
    gate.open();
  });

  burying(
    "T9.1",
    "offers a dead letter with its reason until it is acknowledged, and then no more",
    async ({ open, message, undertake, kill, soon }) => {
      const victim = message({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", fence: 7 });
      await kill(victim);
      const undertaker = undertake(async (_, times) => {
        if (times === 1) throw new Error("The handler failed");
        return ACK;
      });
      await soon("the letter", () => undertaker.times(victim) > 0);
      await soon("another time", () => undertaker.times(victim) > 1, 2 * open.redeliveryMs);
      for (const { message: one, reason } of undertaker.seen) {
        expect({ one, reason }).to.deep.equal({ one: victim, reason: "forged 7" });
      }
      await open.pass(2.5 * open.redeliveryMs);
      expect(undertaker.times(victim), "offered").to.equal(2);
      expect([await open.deadLetters(), await open.kept()]).to.deep.equal([[], []]);
    },
  );

  burying(
    "T9.2",
    "offers what was tried too often, and says why it was given up",
    async ({ open, message, sendAll, consume, undertake, soon }) => {
      const hopeless = message();
      await sendAll([hopeless]);
      consume(() => RETRY);
      const undertaker = undertake();
      await soon("the letter", () => undertaker.times(hopeless) > 0, 10 * open.redeliveryMs);
      expect(undertaker.first(hopeless)?.message).to.deep.equal(hopeless);
      expect(undertaker.first(hopeless)?.reason).to.be.a("string").that.is.not.empty;
    },
  );

  burying(
    "T9.3",
    "keeps apart what is rejected among the dead letters, and offers it no more",
    async ({ open, message, undertake, kill, soon }) => {
      const [strange, fine] = [message({ fence: 2 }), message({ fence: 3 })];
      await kill(strange, fine);
      const undertaker = undertake(({ message: one }) =>
        one?.eventId === strange.eventId ? { kind: "reject", reason: "strange" } : ACK,
      );
      await soon("both", () => undertaker.times(strange) > 0 && undertaker.times(fine) > 0);
      await open.pass(2.5 * open.redeliveryMs);
      expect(undertaker.times(strange), "offered").to.equal(1);
      expect((await open.kept()).map((letter) => letter.message)).to.deep.equal([strange]);
      expect(await open.deadLetters()).to.deep.equal([]);
    },
  );

  burying(
    "T9.4",
    "offers a dead letter again no earlier than asked, and its neighbours by themselves",
    async ({ open, message, undertake, kill, soon }) => {
      const [slow, fine] = [message(), message()];
      await kill(slow, fine);
      let asked = Infinity;
      const undertaker = undertake(({ message: one }, times) => {
        if (one?.eventId !== slow.eventId || times > 1) return ACK;
        asked = open.now().getTime() + 1_300;
        return { kind: "retry", inMs: 1_300 };
      });
      await soon("both", () => undertaker.times(slow) > 0 && undertaker.times(fine) > 0);
      await soon("another time", () => undertaker.times(slow) > 1, 1_300);
      const again = undertaker.seen.filter((seen) => seen.message?.eventId === slow.eventId)[1];
      expect(again?.at.getTime(), "came again at").to.be.at.least(asked);
      expect(undertaker.times(fine), "its neighbour").to.equal(1);
    },
  );

  unreadable(
    "T9.5",
    "offers a letter without a message where it could not read one, and messages all the same",
    async ({ open, message, sendAll, consume, undertake, soon }) => {
      const fine = message();
      await harness.sendUnreadable?.(open);
      await sendAll([fine]);
      const consumer = consume();
      const undertaker = undertake((letter) => ({ kind: "reject", reason: letter.reason }));
      await soon("the message", () => consumer.times(fine) > 0);
      await soon("the letter", () => undertaker.seen.length > 0, 10 * open.redeliveryMs);
      expect(undertaker.seen.map((seen) => seen.message)).to.deep.equal([null]);
      expect(undertaker.seen[0]?.reason).to.be.a("string").that.is.not.empty;
      await open.pass(2 * open.redeliveryMs);
      expect((await open.kept()).map((letter) => letter.message)).to.deep.equal([null]);
    },
  );

  burying(
    "T9.6",
    "takes no dead letter once it is aborted, finishes those under way, and returns",
    async ({ open, message, undertake, kill, soon }) => {
      const [under, next] = [message(), message()];
      await kill(under);
      const gate = new Gate();
      const undertaker = undertake(async () => {
        await gate.opened;
        return ACK;
      });
      await soon("what is under way", () => undertaker.underWay === 1);
      undertaker.abort();
      await kill(next);
      await open.pass(open.patienceMs);
      expect(undertaker.returned, "returned before its work was done").to.equal(false);
      expect(undertaker.times(next), "taken after the abort").to.equal(0);
      gate.open();
      await soon("the return", () => undertaker.returned);

      const another = undertake();
      await soon("what came after the abort", () => another.times(next) > 0);
      await open.pass(2 * open.redeliveryMs);
      expect(another.times(under), "acknowledged after the abort and yet offered again").to.equal(0);
      another.abort();
      await soon("the return of who waits", () => another.returned);
    },
  );

  always(
    "T10.1",
    "ends a sending soon whose signal is aborted, and delivers nothing that it refused",
    async ({ open, messages, consume, soon, sendAll, message }) => {
      const [batch, another] = [messages(Math.min(maxBatch, 5)), messages(1)];
      const stop = new AbortController();
      const sending = open.transport.send(batch, stop.signal);
      stop.abort();
      const refused = await refusedAtAbort(sending, batch, open);
      const early = await refusedAtAbort(open.transport.send(another, AbortSignal.abort()), another, open);
      const after = message();
      await sendAll([after]);
      const consumer = consume();
      await soon("what is sent later", () => consumer.times(after) > 0);
      await open.pass(open.patienceMs);
      for (const one of [...refused, ...early]) expect(consumer.times(one), "offered").to.equal(0);
    },
  );

  stalling("T10.2", "ends a sending that gets no answer once its signal is aborted", async ({ open, messages }) => {
    const batch = messages(Math.min(maxBatch, 5));
    await harness.stall?.(open);
    const stop = new AbortController();
    const sending = open.transport.send(batch, stop.signal);
    await open.pass(open.patienceMs);
    stop.abort();
    await refusedAtAbort(sending, batch, open);
  });

  ordering(
    "total",
    "T11.1",
    "offers messages in the order in which they were sent",
    async ({ messages, sendAll, consume, soon }) => {
      const all = messages(12);
      for (let at = 0; at < all.length; at += Math.min(maxBatch, 4))
        await sendAll(all.slice(at, at + Math.min(maxBatch, 4)));
      const consumer = consume(() => ACK, ONE);
      await soon("all", () => all.every((one) => consumer.times(one) > 0));
      expect(firsts(consumer)).to.deep.equal(all.map(({ eventId }) => eventId));
    },
  );

  ordering(
    "per_schedule",
    "T11.2",
    "offers the messages of a schedule in the order in which they were sent",
    async ({ messages, message, sendAll, consume, soon }) => {
      const [one, other] = messages(2).map(({ scheduleId }) => scheduleId);
      const all = Array.from({ length: 12 }, (_, index) =>
        message({ scheduleId: (index % 3 === 0 ? one : other) ?? "" }),
      );
      for (let at = 0; at < all.length; at += Math.min(maxBatch, 4))
        await sendAll(all.slice(at, at + Math.min(maxBatch, 4)));
      const consumer = consume(() => ACK, ONE);
      await soon("all", () => all.every((of) => consumer.times(of) > 0));
      for (const scheduleId of [one, other]) {
        const its = all.filter((of) => of.scheduleId === scheduleId).map(({ eventId }) => eventId);
        expect(firsts(consumer).filter((id) => its.includes(id))).to.deep.equal(its);
      }
    },
  );

  return cases;
}

/** Each case has a queue of its own, and nothing of it is left behind. */
async function onStage(harness: TransportHarness, act: (stage: Stage) => Promise<void> | void): Promise<void> {
  const stage = stageOf(await harness.open(), harness.capabilities);
  try {
    await act(stage);
  } catch (error) {
    await stage.end().catch(() => undefined); // it is not what went wrong
    throw error;
  }
  await stage.end();
}

/** Each message stands in the report, once. */
function expectEach({ accepted, refused }: SendReport, messages: readonly Message[]): void {
  const ids = (of: readonly Message[]) => of.map(({ eventId }) => eventId).sort();
  expect(ids([...accepted, ...refused.map((one) => one.message)])).to.deep.equal(ids(messages));
}

/** An aborted sending may report or throw, as long as it does so soon. Answers what it surely refused. */
async function refusedAtAbort(
  sending: Promise<SendReport>,
  messages: readonly Message[],
  open: OpenTransport,
): Promise<readonly Message[]> {
  const outcome: { end: SendReport | "thrown" | null } = { end: null };
  sending.then(
    (report) => (outcome.end = report),
    () => (outcome.end = "thrown"),
  );
  await eventually("the end of the sending", () => outcome.end !== null, open, open.patienceMs);
  if (outcome.end === null || outcome.end === "thrown") return [];
  expectEach(outcome.end, messages);
  return outcome.end.refused.map(({ message }) => message);
}

/** The ids of what was seen, each where it came first. */
function firsts(consumer: Consumer): readonly string[] {
  return [...new Set(consumer.seen.flatMap(({ message }) => message?.eventId ?? []))];
}
