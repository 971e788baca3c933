import { envelopes, FakeQueue, failureOf, messageOf, NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import { Envelopes, QueueTransport } from "@punctual/adapter-sdk";
import {
  type DeadLetterHandler,
  type Message,
  type MessageHandler,
  type MessageVerdict,
  Unavailable,
} from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { PUBSUB_PUSH_CAPABILITIES } from "../../src/transport/capabilities.js";
import { PushedQueue } from "../../src/transport/pushed-queue.js";
import { deadLetterPushHandler, pushedIn, pushHandler } from "../../src/transport/pushed.js";

const ACK: MessageVerdict = { kind: "ack" };
const SUBSCRIPTION = "projects/p/subscriptions/s";
const HOLD_MS = 20_000;
const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

/** A push as Google makes it. */
function pushOf(number: number, text: string, attributes?: Readonly<Record<string, string>>) {
  const [messageId, publishTime] = [`id-${number}`, "2030-01-01T11:59:59.123Z"];
  return {
    message: {
      ...(text !== "" && { data: base64(text) }),
      ...(attributes !== undefined && { attributes }),
      ...{ messageId, message_id: messageId, publishTime, publish_time: publishTime },
    },
    subscription: SUBSCRIPTION,
  };
}
const ours = (number: number, earlyMs = 0) => pushOf(number, envelopes.seal(messageOf(number, earlyMs)));

function setup({ unreadable: absent = false } = {}) {
  const clock = new MemoryClock(NOON);
  const telemetry = new MemoryTelemetry();
  const [main, deadLetters, unreadable] = [new FakeQueue(), new FakeQueue(), new FakeQueue()];
  const transport = new QueueTransport(
    {
      capabilities: PUBSUB_PUSH_CAPABILITIES,
      queue: new PushedQueue(main, clock, HOLD_MS),
      deadLetters: new PushedQueue(deadLetters, clock, HOLD_MS),
      unreadable: absent ? null : unreadable,
      ...{ envelopes, clock, telemetry },
    },
    { waitMs: 1_000, hiddenMs: 60_000 },
  );
  return {
    ...{ clock, telemetry, main, deadLetters, unreadable, transport, pass: passOn(clock) },
    work: (
      body: unknown,
      handle: (messages: readonly Message[], signal?: AbortSignal) => ReturnType<MessageHandler>,
      signal?: AbortSignal,
    ) => pushHandler({ transport, deliver: { handle }, clock, beginMs: 30_000 })(body, signal),
    bury: (body: unknown, handle: DeadLetterHandler) => deadLetterPushHandler({ transport, bury: { handle } })(body),
  };
}

const always =
  (verdict: MessageVerdict): MessageHandler =>
  (messages) =>
    messages.map(async () => verdict);
const nobody: MessageHandler = () => expect.fail("Nobody was to see it");

describe("pushedIn", () => {
  it("reads what Google pushes", () => {
    expect(pushedIn({ ...pushOf(1, "ä😀", { reason: "why" }), deliveryAttempt: 3 })).to.deep.equal({
      received: { id: "id-1", body: "ä😀", receipt: "id-1", attributes: { reason: "why" } },
      ...{ subscription: SUBSCRIPTION, attempt: 3 },
    });
  });

  it("takes what Google leaves out for empty", () => {
    expect(pushedIn(pushOf(1, ""))).to.deep.equal({
      received: { id: "id-1", body: "", receipt: "id-1", attributes: {} },
      ...{ subscription: SUBSCRIPTION, attempt: null },
    });
  });

  it("lets through what Google adds some day", () => {
    const { message, ...push } = pushOf(1, "text");
    expect(pushedIn({ ...push, more: 1, message: { ...message, more: 2, orderingKey: "k" } })).to.have.property(
      "received",
    );
  });

  const good = pushOf(1, "hunter2");
  const withMessage = (of: object) => ({ ...good, message: { ...good.message, ...of } });
  for (const [what, body, where] of [
    ["nothing", undefined, "the body"],
    ["null", null, "the body"],
    ["a text", '{"message":{}}', "the body"],
    ["a number", 7, "the body"],
    ["a list", [good], "the body"],
    ["an empty object", {}, "message, subscription"],
    ["no message", { subscription: SUBSCRIPTION }, "message"],
    ["a message that is a text", { ...good, message: "hunter2" }, "message"],
    ["a message that is a list", { ...good, message: [good.message] }, "message"],
    ["a message that is null", { ...good, message: null }, "message"],
    ["no subscription", { message: good.message }, "subscription"],
    ["a subscription without its project", { ...good, subscription: "hunter2" }, "subscription"],
    ["a subscription that is more", { ...good, subscription: `${SUBSCRIPTION}/hunter2` }, "subscription"],
    ["no id", withMessage({ messageId: undefined }), "message.messageId"],
    ["an empty id", withMessage({ messageId: "" }), "message.messageId"],
    ["an id that is a number", withMessage({ messageId: 7 }), "message.messageId"],
    ["an id that never ends", withMessage({ messageId: "7".repeat(1_001) }), "message.messageId"],
    ["no time", withMessage({ publishTime: undefined }), "message.publishTime"],
    ["a time that is none", withMessage({ publishTime: "hunter2" }), "message.publishTime"],
    ["data that is no base64", withMessage({ data: "hunter2!" }), "message.data"],
    ["data without its padding", withMessage({ data: "aHVudGVyMg" }), "message.data"],
    ["data in the other base64", withMessage({ data: "_-__" }), "message.data"],
    ["data with a line in it", withMessage({ data: "aHVu\ndGVy" }), "message.data"],
    ["data that is an object", withMessage({ data: { hunter2: 1 } }), "message.data"],
    ["data that is null", withMessage({ data: null }), "message.data"],
    ["attributes that are a list", withMessage({ attributes: ["hunter2"] }), "message.attributes"],
    ["attributes that are a text", withMessage({ attributes: "hunter2" }), "message.attributes"],
    ["an attribute that is a number", withMessage({ attributes: { hunter2: 7 } }), "message.attributes"],
    ["an attribute that is null", withMessage({ attributes: { hunter2: null } }), "message.attributes"],
    ["an attempt that is a text", { ...good, deliveryAttempt: "hunter2" }, "deliveryAttempt"],
    ["an attempt before the first", { ...good, deliveryAttempt: 0 }, "deliveryAttempt"],
    ["half an attempt", { ...good, deliveryAttempt: 1.5 }, "deliveryAttempt"],
    ["two things at once", { ...withMessage({ data: "!" }), subscription: 1 }, "message.data, subscription"],
  ] as const) {
    it(`objects to ${what}, says where, and repeats nothing of it`, () => {
      expect(pushedIn(body)).to.deep.equal({ objection: `Not a push of Pub/Sub: ${where}` });
    });
  }

  it("answers something for anything, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.anything()), (body) => {
        expect(pushedIn(body)).to.have.keys("objection");
      }),
    );
  });

  it("keeps nothing of what names a prototype", () => {
    const body: unknown = JSON.parse(
      JSON.stringify(good).replace('"message":{', '"message":{"__proto__":{"polluted":1},'),
    );
    expect(pushedIn(body)).to.have.property("received");
    expect({}).not.to.have.property("polluted");
  });
});

describe("pushHandler", () => {
  it("acknowledges what is delivered", async () => {
    const { work } = setup();
    const seen: Message[] = [];
    const answer = await work(ours(1), (messages) => {
      seen.push(...messages);
      return messages.map(async () => ACK);
    });
    expect([answer, seen]).to.deep.equal(["ack", [messageOf(1)]]);
  });

  it("says what is malformed, and shows it to nobody", async () => {
    const { work, deadLetters } = setup();
    expect(await work({ message: 7 }, nobody)).to.equal("malformed");
    expect(deadLetters.sent).to.deep.equal([]);
  });

  const forged = new Envelopes([Buffer.alloc(32, 9)]).seal(messageOf(1));
  for (const [what, text] of Object.entries({
    "is not signed": "garbage",
    "is empty": "",
    "is no text": Buffer.from([0xff, 0xfe, 0x00]).toString("latin1"),
    "somebody else has signed": forged,
    "is too large": "x".repeat(300_001),
  })) {
    it(`puts what ${what} among the dead letters, with the reason, and acknowledges it`, async () => {
      const { work, deadLetters } = setup();
      expect(await work(pushOf(1, text), nobody)).to.equal("ack");
      const [letter] = deadLetters.sent;
      expect(letter?.body).to.equal(text);
      expect(letter?.attributes).to.include({ messageId: "id-1" });
      expect(letter?.attributes?.["reason"]).to.be.a("string").and.not.equal("");
    });
  }

  it("has it come again where the dead letters do not take it", async () => {
    const { work, deadLetters, telemetry } = setup();
    deadLetters.refuses = () => "full";
    expect(await work(pushOf(1, "garbage"), nobody)).to.equal("nack");
    expect(telemetry.of("trouble")).to.have.length(1);
  });

  it("has it come again where its handler fails, or throws, or does not answer", async () => {
    const { work, telemetry } = setup();
    const fail = () => Promise.reject(new Unavailable("the database is away"));
    expect(await work(ours(1), (messages) => messages.map(fail))).to.equal("nack");
    expect(
      await work(ours(1), () => {
        throw new Error("at once");
      }),
    ).to.equal("nack");
    expect(telemetry.of("trouble")).to.have.length(2);
    // What nobody takes comes again at once.
    expect(await work(ours(1), () => [])).to.equal("nack");
  });

  for (const [what, inMs, heldMs] of [
    ["at once", 0, 0],
    ["soon", 1_500, 1_500],
    ["late, for as long as there is time", 3_600_000, HOLD_MS],
  ] as const) {
    it(`holds its answer for what is to come again ${what}`, async () => {
      const { work, pass } = setup();
      const ends: string[] = [];
      const answer = work(ours(1), always({ kind: "retry", inMs })).then((said) => ends.push(said));
      await pass(Math.max(0, heldMs - 1));
      if (heldMs > 0) expect(ends).to.deep.equal([]);
      await pass(1);
      await answer;
      expect(ends).to.deep.equal(["nack"]);
    });
  }

  it("holds what is a moment early, and delivers it then", async () => {
    const { work, pass, clock } = setup();
    const at: number[] = [];
    const answer = work(ours(1, 700), (messages) => {
      at.push(clock.now().getTime() - NOON.getTime());
      return messages.map(async () => ACK);
    });
    await pass(1_000);
    expect([await answer, at]).to.deep.equal(["ack", [700]]);
  });

  describe("and the time that is left", () => {
    const untilStopped = (clock: MemoryClock) => (messages: readonly Message[], signal?: AbortSignal) =>
      messages.map(async (): Promise<MessageVerdict> => {
        await clock.sleep(10_000_000, signal);
        return { kind: "retry", inMs: 0 };
      });

    it("has no request begun once there is too little", async () => {
      const { work, clock, pass } = setup();
      let given: AbortSignal | undefined;
      const answer = work(ours(1), (messages, signal) => {
        given = signal;
        return untilStopped(clock)(messages, signal);
      });
      await pass(29_999);
      expect(given?.aborted).to.equal(false);
      await pass(1);
      expect(given?.aborted).to.equal(true);
      expect(await answer).to.equal("nack");
    });

    it("has none begun once the service is stopped", async () => {
      const { work, clock } = setup();
      const stop = new AbortController();
      const answer = work(ours(1), untilStopped(clock), stop.signal);
      await turn();
      stop.abort();
      expect(await answer).to.equal("nack");
    });

    it("leaves no timer behind", async () => {
      const { work, clock } = setup();
      await work(ours(1), always(ACK));
      await turn();
      expect(clock.nextWake).to.equal(null);
    });
  });

  it("loses nothing: each push comes again, or somebody has done with it, or it is a dead letter", async () => {
    const KINDS = ["ack", "retry", "reject", "throw", "early", "garbage", "forged", "empty"] as const;
    const push = fc.record({
      kind: fc.constantFrom(...KINDS),
      buried: fc.boolean(),
      throws: fc.nat(9).map((n) => n === 0),
    });
    for (const { kind, buried, throws } of fc.sample(push, { numRuns: 3_000, seed: 20_300_101 })) {
      const { work, deadLetters, pass } = setup();
      deadLetters.refuses = () => (buried ? null : "full");
      let acknowledged = false;
      const bodies: Partial<Record<(typeof KINDS)[number], string>> = { garbage: "garbage", forged, empty: "" };
      const body = kind === "early" ? ours(1, 5_000) : bodies[kind] === undefined ? ours(1) : pushOf(1, bodies[kind]);
      const answering = work(body, (messages) => {
        if (throws && messages.length > 0) throw new Error("at once");
        return messages.map(async (): Promise<MessageVerdict> => {
          if (kind === "throw") throw new Error("later");
          if (kind === "retry") return { kind: "retry", inMs: 1_000 };
          if (kind === "reject") return { kind: "reject", reason: "no" };
          acknowledged = true;
          return ACK;
        });
      });
      await pass(HOLD_MS);
      const answer = await answering;
      const letters = deadLetters.sent.length;
      const done = (acknowledged as boolean) || letters === 1;
      expect(answer === "ack", `${kind} ${buried} ${throws}`).to.equal(done);
      expect(letters).to.be.at.most(1);
    }
  }).timeout(30_000);
});

describe("deadLetterPushHandler", () => {
  it("gives a letter with its reason, and acknowledges it", async () => {
    const { bury } = setup();
    const seen: unknown[] = [];
    const acks: DeadLetterHandler = (letters) => {
      seen.push(...letters);
      return letters.map(async () => ACK);
    };
    const moved = { CloudPubSubDeadLetterSourceDeliveryCount: "5" };
    expect(await bury(ours(1), acks)).to.equal("ack");
    expect(await bury(pushOf(2, envelopes.seal(messageOf(2)), moved), acks)).to.equal("ack");
    expect(await bury(pushOf(3, envelopes.seal(messageOf(3)), { reason: "forged" }), acks)).to.equal("ack");
    expect(await bury(pushOf(4, "garbage"), acks)).to.equal("ack");
    expect(seen).to.deep.equal([
      { message: messageOf(1), reason: "received too often" },
      { message: messageOf(2), reason: "received too often" },
      { message: messageOf(3), reason: "forged" },
      { message: null, reason: "not signed" },
    ]);
  });

  const rejects: DeadLetterHandler = (letters) =>
    letters.map(async ({ reason }): Promise<MessageVerdict> => ({ kind: "reject", reason }));

  it("sets aside what is rejected, and acknowledges it", async () => {
    const { bury, unreadable } = setup();
    expect(await bury(pushOf(1, "garbage", { other: "x" }), rejects)).to.equal("ack");
    expect(unreadable.sent).to.deep.equal([{ body: "garbage", attributes: { other: "x", reason: "not signed" } }]);
  });

  it("leaves it where it is where there is no place for it, and answers late", async () => {
    const { bury, pass } = setup({ unreadable: true });
    const answer = bury(pushOf(1, "garbage"), rejects);
    await pass(HOLD_MS);
    expect(await answer).to.equal("nack");
  });

  it("has it come again where its handler fails", async () => {
    const { bury, telemetry } = setup();
    const fails: DeadLetterHandler = (letters) => letters.map(() => Promise.reject(new Unavailable("away")));
    expect(await bury(ours(1), fails)).to.equal("nack");
    expect(telemetry.of("trouble")).to.have.length(1);
  });

  it("says what is malformed", async () => {
    expect(await setup().bury("garbage", () => expect.fail("Nobody was to see it"))).to.equal("malformed");
  });
});

describe("PushedQueue", () => {
  it("sends to its topic, and has nothing to ask for or to delete", async () => {
    const { transport, main } = setup();
    expect((await transport.send([messageOf(1)])).refused).to.deep.equal([]);
    expect(main.sent).to.have.length(1);
    const queue = new PushedQueue(main, new MemoryClock(NOON), HOLD_MS);
    expect((await failureOf(queue.receive())).message).to.contain("pushed");
    expect(await queue.delete(["r"])).to.deep.equal([false]);
    expect(main.deleted).to.deep.equal([]);
  });

  it("tells whether it could hold a message for as long as was asked", async () => {
    const clock = new MemoryClock(NOON);
    const queue = new PushedQueue(new FakeQueue(), clock, HOLD_MS);
    const [whole, part] = [queue.keep(["r"], HOLD_MS), queue.keep(["r"], HOLD_MS + 1)];
    await passOn(clock)(HOLD_MS);
    expect([await whole, await part]).to.deep.equal([[true], [false]]);
  });
});
