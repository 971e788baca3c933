import type { Message, MessageHandler, MessageVerdict } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { judge } from "../../src/queues/judge.js";
import type { Received } from "../../src/queues/text-queue.js";
import { failureOf } from "../support/failure-of.js";
import { envelopes, messageOf, NOON, receivedOf } from "../support/messages.js";
import { passOn, turn } from "../support/turn.js";

const ACK: MessageVerdict = { kind: "ack" };
const early = (number: number, ms: number): Received => receivedOf(number, envelopes.seal(messageOf(number, ms)));

function setup() {
  const clock = new MemoryClock(NOON);
  /** What the handler was called with, and when. */
  const handled: { readonly at: number; readonly ids: readonly string[] }[] = [];
  const handle: MessageHandler = (messages) => {
    handled.push({ at: clock.now().getTime() - NOON.getTime(), ids: messages.map(({ eventId }) => eventId) });
    return messages.map(async () => ACK);
  };
  const judged = (batch: readonly Received[], by: MessageHandler = handle, signal?: AbortSignal) =>
    judge(batch, by, { envelopes, clock }, signal);
  return { clock, pass: passOn(clock), handled, judged };
}
const idOf = (number: number) => messageOf(number).eventId;

describe("judge", () => {
  it("has the handler decide at once about what is due, all together and in their order", async () => {
    const { handled, judged } = setup();
    const verdicts = await Promise.all(judged([receivedOf(1), early(2, -5_000), receivedOf(3)]));
    expect(verdicts).to.deep.equal([ACK, ACK, ACK]);
    expect(handled).to.deep.equal([{ at: 0, ids: [1, 2, 3].map(idOf) }]);
  });

  it("gives the handler what was sent", async () => {
    const { judged } = setup();
    const message: Message = { ...messageOf(1), tenant: "Ünïted 🎂", traceparent: "00-abc" };
    const seen: Message[] = [];
    const keep: MessageHandler = (messages) => {
      seen.push(...messages);
      return messages.map(async () => ACK);
    };
    await Promise.all(judged([receivedOf(1, envelopes.seal(message))], keep));
    expect(seen).to.deep.equal([message]);
  });

  it("holds what is a moment early until its time, to the millisecond, and sends back what is earlier", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: -10, max: 1_600 }), fc.constantFrom(0, 1, 1_500, 1_501, 86_400_000)), {
          maxLength: 10,
        }),
        async (times) => {
          const { pass, handled, judged } = setup();
          const verdicts = judged(times.map((ms, number) => early(number, ms)));
          await pass(2_000);
          expect(await Promise.all(verdicts)).to.deep.equal(
            times.map((ms) => (ms > 1_500 ? { kind: "retry", inMs: ms } : ACK)),
          );
          const held = times.flatMap((ms, number) => (ms > 1_500 ? [] : [{ ms: Math.max(0, ms), id: idOf(number) }]));
          const groups = [...Map.groupBy(held, ({ ms }) => ms)].sort(([one], [other]) => one - other);
          expect(handled).to.deep.equal(groups.map(([at, some]) => ({ at, ids: some.map(({ id }) => id) })));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("believes the clock, and not the timer, that a time has come", async () => {
    const { clock, pass, handled, judged } = setup();
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms, signal) => sleep(ms > 1 ? ms - 1 : ms, signal);
    const verdicts = judged([early(1, 800)]);
    await pass(2_000);
    expect(await verdicts[0]).to.deep.equal(ACK);
    expect(handled).to.deep.equal([{ at: 800, ids: [idOf(1)] }]);
  });

  it("has none wait for another that is held", async () => {
    const { judged } = setup();
    const [held, due, garbage] = judged([early(1, 800), receivedOf(2), receivedOf(3, "garbage")]);
    const first = await Promise.race([held?.then(() => "held"), Promise.all([due, garbage])]);
    expect(first).to.deep.equal([ACK, { kind: "reject", reason: "not signed" }]);
  });

  it("rejects what is not ours, and shows it to nobody", async () => {
    const { handled, judged } = setup();
    const bodies = ["", "garbage", "{}", `${"A".repeat(43)}.[1]`, "x".repeat(300_001)];
    const verdicts = await Promise.all(judged(bodies.map((body, number) => receivedOf(number, body))));
    expect(verdicts.map((verdict) => (verdict.kind === "reject" ? verdict.reason : verdict))).to.deep.equal([
      ...["empty", "not signed", "not signed", "not signed by us", "too large"],
    ]);
    expect(handled).to.deep.equal([]);
  });

  it("does not call the handler for nothing", async () => {
    const { handled, judged } = setup();
    expect(judged([])).to.deep.equal([]);
    await Promise.all(judged([receivedOf(1, "garbage"), early(2, 5_000)]));
    expect(handled).to.deep.equal([]);
  });

  it("sends back what it holds once it is told to stop", async () => {
    const { handled, judged } = setup();
    const stop = new AbortController();
    const verdicts = Promise.all(judged([early(1, 1_000), early(2, 1_200)], undefined, stop.signal));
    await turn();
    stop.abort();
    expect(await verdicts).to.deep.equal([
      { kind: "retry", inMs: 0 },
      { kind: "retry", inMs: 0 },
    ]);
    expect(handled).to.deep.equal([]);
  });

  it("keeps to itself what one of them fails for", async () => {
    const { judged } = setup();
    const failing: MessageHandler = (messages) =>
      messages.map(async ({ eventId }) => {
        if (eventId === idOf(2)) throw new Error("that one");
        return ACK;
      });
    const [one, two, three] = judged(
      [1, 2, 3].map((number) => receivedOf(number)),
      failing,
    );
    expect((await failureOf(two ?? Promise.resolve())).message).to.equal("that one");
    expect(await Promise.all([one, three])).to.deep.equal([ACK, ACK]);
  });

  it("fails for those alone that a handler was called with, where it throws by itself", async () => {
    const { pass, judged } = setup();
    const throwing: MessageHandler = (messages) => {
      if (messages.some(({ eventId }) => eventId === idOf(1))) throw new Error("at once");
      return messages.map(async () => ACK);
    };
    const verdicts = judged([receivedOf(1), early(2, 100), receivedOf(3, "garbage")], throwing);
    const settled = Promise.allSettled(verdicts);
    await pass(100);
    const [one, two, three] = await settled;
    expect(one).to.have.nested.property("reason.message", "at once");
    expect(two).to.have.deep.property("value", ACK);
    expect(three).to.have.nested.property("value.kind", "reject");
  });

  it("offers again what a handler did not answer for", async () => {
    const { judged } = setup();
    const forgetful: MessageHandler = (messages) => messages.slice(1).map(async () => ACK);
    const verdicts = await Promise.all(judged([receivedOf(1), receivedOf(2)], forgetful));
    expect(verdicts).to.deep.equal([ACK, { kind: "retry", inMs: 0 }]);
  });
});
