import { expect } from "chai";
import { toySignatureOf } from "../../src/memory/signatures.js";
import type { SignedMessage } from "../../src/ports/signatures.js";
import { BY, codesOf, HOUR, MINUTE, scene, TENANT, URL } from "./support/scene.js";

describe("AcknowledgeEvent", () => {
  const at = { at: "2027-01-01T01:00:00" };
  const TOLD = "https://told.test/";

  /** An event whose receiver has answered 202 and is to say within ten minutes how it went. */
  async function setup(fields: Record<string, unknown> = {}, status = 202) {
    const whole = scene("2027-01-01T00:00:00Z");
    const { createDestination, schedule, answer, up, passTo, pass, acknowledgeEvent, clock, firstOf } = whole;
    const input = { url: URL, ackWithinMs: 10 * MINUTE };
    const { destination, secret } = await createDestination.run({ ...BY, input });
    const made = await schedule({ when: at, destination: undefined, destinationId: destination.id, ...fields });
    answer(() => ({ status }));
    up();
    await passTo("2027-01-01T01:00:00Z");
    await pass(1_000);
    const event = () => firstOf(made.id);
    const signed = (body: string, by = secret, id = event().id) => {
      const timestamp = Math.floor(clock.now().getTime() / 1_000);
      return { id, timestamp: String(timestamp), signature: toySignatureOf({ id, timestamp, body }, by), body };
    };
    const say = (word: object, message: SignedMessage = signed(JSON.stringify(word))) =>
      acknowledgeEvent.run({ tenant: TENANT, id: event().id, message });
    return { ...whole, made, event, secret, destination, signed, say };
  }

  it("completes an event whose receiver says that it is done", async () => {
    const { event, say, attemptsOf, pass, received } = await setup();
    expect(event()).to.include({ state: "PROCESSING", attempt: 1 });

    await say({ attempt: 1, outcome: "ack" });
    await pass(HOUR);

    expect(event()).to.include({ state: "COMPLETED", reason: null });
    expect(attemptsOf(event().id).map(({ status }) => status)).to.deep.equal([202]);
    expect(received()).to.have.length(1);
  });

  it("takes a 202 for done where nothing more was to come", async () => {
    const { event } = await setup({ destinationId: undefined, destination: { url: URL } });
    expect(event()).to.include({ state: "COMPLETED" });
  });

  it("takes any other 2xx for done", async () => {
    const { event } = await setup({}, 200);
    expect(event()).to.include({ state: "COMPLETED" });
  });

  it("tries again what the receiver could not do", async () => {
    const { event, say, pass, received, audited } = await setup();
    await say({ attempt: 1, outcome: "nack", note: "disk full" });
    expect(event()).to.include({ state: "PENDING", attempt: 1 });
    await pass(MINUTE);

    expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
    expect(audited()).to.include("event.nacked");
  });

  it("fails what the receiver says it never will do", async () => {
    const { event, say } = await setup();
    await say({ attempt: 1, outcome: "nack", retry: false });
    expect(event()).to.include({ state: "FAILED", reason: "rejected" });
  });

  it("fails what it could not do in its last attempt", async () => {
    const { event, say } = await setup({ retry: { maxAttempts: 1 } });
    await say({ attempt: 1, outcome: "nack" });
    expect(event()).to.include({ state: "FAILED", reason: "attempts_exhausted" });
  });

  it("asks again where nothing was said in time, and takes no word of the attempt before", async () => {
    const { event, say, pass, received } = await setup();
    await pass(9 * MINUTE);
    expect(received()).to.have.length(1);
    await pass(2 * MINUTE);
    expect(received().map(({ attempt }) => attempt)).to.deep.equal([1, 2]);

    expect(await codesOf(say({ attempt: 1, outcome: "ack" }))).to.deep.equal(["not_awaited"]);
    await say({ attempt: 2, outcome: "ack" });
    expect(event()).to.include({ state: "COMPLETED", attempt: 2 });
  });

  it("fails in the end what nobody ever says anything of", async () => {
    const { event, pass } = await setup({ retry: { maxAttempts: 2 } });
    await pass(HOUR);
    expect(event()).to.include({ state: "FAILED", reason: "attempts_exhausted", attempt: 2 });
  });

  it("changes nothing when the same is said twice, and refuses another word", async () => {
    const { event, say } = await setup();
    await say({ attempt: 1, outcome: "ack" });
    expect(await say({ attempt: 1, outcome: "ack" })).to.deep.equal(event());
    expect(await codesOf(say({ attempt: 1, outcome: "nack" }))).to.deep.equal(["not_awaited"]);
  });

  it("believes none but who knows the secret", async () => {
    const { event, say, signed } = await setup();
    const word = JSON.stringify({ attempt: 1, outcome: "ack" });
    const good = signed(word);
    for (const forged of [
      signed(word, "whsec_of_another"),
      { ...good, body: `${word} ` },
      { ...good, timestamp: String(Number(good.timestamp) - 301) },
      { ...good, signature: null },
      { ...good, id: null },
      signed(word, undefined, "another-id"),
    ]) {
      expect(await codesOf(say({}, forged))).to.deep.equal([" bad_signature"]);
    }
    expect(event()).to.include({ state: "PROCESSING" });
  });

  it("refuses what makes no sense, with all that is wrong", async () => {
    const { say, signed, event } = await setup();
    expect(await codesOf(say({}, signed("no json")))).to.deep.equal([" not_json"]);
    expect(await codesOf(say({ attempt: 0, outcome: "maybe", retry: "yes", more: 1 }))).to.deep.equal([
      "/attempt out_of_range",
      "/outcome not_a_choice",
      "/retry not_a_choice",
      "/more unknown_field",
    ]);
    expect(await codesOf(say({}))).to.deep.equal(["/attempt required", "/outcome required"]);
    expect(event()).to.include({ state: "PROCESSING" });
  });

  it("knows no event that is not there, or another tenant's", async () => {
    const { acknowledgeEvent, event, signed } = await setup();
    const message = signed(JSON.stringify({ attempt: 1, outcome: "ack" }));
    for (const request of [
      { tenant: "other", id: event().id, message },
      { tenant: TENANT, id: "none", message },
    ]) {
      expect(await codesOf(acknowledgeEvent.run(request))).to.deep.equal(["event_not_found"]);
    }
  });

  it("tells others only when the word has come", async () => {
    const { say, pass, system, answer } = await setup({ onSuccess: { destination: { url: TOLD } } });
    answer(() => ({ status: 200 }), TOLD);
    const told = () => system.sender.received.filter(({ request }) => request.destination.url === TOLD).length;
    await pass(MINUTE);
    expect(told()).to.equal(0);

    await say({ attempt: 1, outcome: "ack" });
    await pass(MINUTE);

    expect(told()).to.equal(1);
  });

  it("waits for its own 202 to be on record, which it can overtake", async () => {
    const { system, schedule, createDestination, acknowledgeEvent, passTo, pass, firstOf, clock } =
      scene("2027-01-01T00:00:00Z");
    const input = { url: URL, ackWithinMs: 10 * MINUTE };
    const { destination, secret } = await createDestination.run({ ...BY, input });
    const made = await schedule({ when: at, destination: undefined, destinationId: destination.id });
    await passTo("2027-01-01T01:00:00Z");
    const { begun } = await system.events.takeDue({ limit: 1, leaseMs: HOUR }, system.plan);
    const { id } = firstOf(made.id);
    const body = JSON.stringify({ attempt: 1, outcome: "ack" });
    const timestamp = Math.floor(clock.now().getTime() / 1_000);
    const signature = toySignatureOf({ id, timestamp, body }, secret);
    const said = acknowledgeEvent.run({
      ...{ tenant: TENANT, id },
      message: { id, timestamp: String(timestamp), signature, body },
    });
    await pass(500);
    expect(firstOf(made.id)).to.include({ state: "PROCESSING" });
    system.answer(() => ({ status: 202 }));
    const delivered = system.deliver.deliver(begun, clock.monotonic() + HOUR);
    await pass(500);
    await delivered;

    expect(await said).to.include({ state: "COMPLETED" });
    expect(firstOf(made.id)).to.include({ state: "COMPLETED" });
  });

  it("says so where an attempt takes too long to be waited for", async () => {
    const { event, say, pass, answer } = await setup();
    answer(() => ({ status: 202, afterMs: 8_000 }));
    await pass(10 * MINUTE);
    const said = codesOf(say({ attempt: 2, outcome: "ack" }));
    await pass(3_000);
    expect(await said).to.deep.equal(["in_flight"]);
    expect(event()).to.include({ state: "PROCESSING" });
  });

  it("takes a second no for what it is, and lets a yes overrule it", async () => {
    const { event, say, pass, audited, received } = await setup({ retry: { initial: "PT1H" } });
    await say({ attempt: 1, outcome: "nack" });
    const { wakeAt } = event();
    await pass(500);
    await say({ attempt: 1, outcome: "nack" });
    expect(event().wakeAt).to.deep.equal(wakeAt);
    expect(audited().filter((action) => action === "event.nacked")).to.have.length(1);
    await say({ attempt: 1, outcome: "ack" });
    await pass(5 * HOUR);
    expect(event()).to.include({ state: "COMPLETED" });
    expect(received()).to.have.length(1);
  });

  it("keeps waiting through a pause and a resume", async () => {
    const { event, say, pass, received, pauseSchedule, resumeSchedule, made } = await setup();
    await pauseSchedule.run({ ...BY, id: made.id });
    await pass(MINUTE);
    await resumeSchedule.run({ ...BY, id: made.id });
    await pass(MINUTE);
    expect(received()).to.have.length(1);
    await say({ attempt: 1, outcome: "ack" });
    expect(event()).to.include({ state: "COMPLETED" });
  });

  it("asks for a destination that can have a secret", async () => {
    const { schedule } = scene("2027-01-01T00:00:00Z");
    const destination = { url: URL, ackWithinMs: MINUTE };
    const refused = ["/destination/ackWithinMs needs_a_secret"];
    expect(await codesOf(schedule({ when: at, destination }))).to.deep.equal(refused);
  });

  it("finds nothing to wait for once the event was cancelled", async () => {
    const { say, cancelEvent, event } = await setup();
    await cancelEvent.run({ ...BY, id: event().id });
    expect(await codesOf(say({ attempt: 1, outcome: "ack" }))).to.deep.equal(["not_awaited"]);
  });
});
