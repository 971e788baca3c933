import type { GateRequest, GateResult } from "@punctual/core";
import { expect } from "chai";
import * as sql from "../../src/stores/gate-statements.js";
import { openGates, reportOf, requestOf } from "./gates.js";

const NAMES = new Map(Object.entries(sql).map(([name, text]) => [text.trim(), name]));

describe("the statements of a gate", () => {
  const setup = async () => {
    const { gates, statements, ...rest } = await openGates(2);
    const [gate, other] = [gates[0]!, gates[1]!];
    /** What a call says to the database. */
    const said = async (call: () => Promise<unknown>) => {
      statements.length = 0;
      await call();
      return statements.map((text) => NAMES.get(text) ?? text);
    };
    return { ...rest, gate, other, said };
  };
  /** Of 500 events, ten for each of 50 destinations. */
  const batch = (of: Partial<GateRequest> = {}) =>
    Array.from({ length: 500 }, (_, n) => requestOf({ destinationId: `d${n % 50}`, ...of }, n));

  it("are one look for a whole batch where nothing is limited, and none for its successes", async () => {
    const { gate, said, admin } = await setup();
    expect(await said(() => gate.admit(batch()))).to.deep.equal(["begin", "LOOK"]);
    expect(await said(() => gate.report(batch().map((one) => reportOf(one, "success"))))).to.deep.equal([]);
    expect(await said(() => gate.report(batch().map((one) => reportOf(one, "none"))))).to.deep.equal([]);
    expect((await admin.query("select from destination_gates")).rowCount).to.equal(0);
  });

  it("are none where nothing is asked or told", async () => {
    const { gate, said } = await setup();
    expect(await said(async () => [await gate.admit([]), await gate.report([])])).to.deep.equal([]);
  });

  it("are a few for a whole batch where all is limited, and the rows are made once", async () => {
    const { gate, said } = await setup();
    const limited = batch({ ratePerSecond: 100, concurrency: 20 });
    const first = ["begin", "LOOK", "begin", "MAKE", "begin", "LOOK", "LOCK", "UNDER_WAY", "KEEP"];
    expect(await said(() => gate.admit(limited))).to.deep.equal(first);
    expect(await said(() => gate.admit(limited))).to.deep.equal(first.slice(4));
    const told = ["begin", "LOCK", "END", "KEEP"];
    expect(await said(() => gate.report(limited.map((one) => reportOf(one, "success"))))).to.deep.equal(told);
  });

  it("count the successes of what has a concurrency in the process, too, and once", async () => {
    const { gate, admin } = await setup();
    const requests = Array.from({ length: 30 }, (_, n) => requestOf({ concurrency: 100 }, n));
    const tell = async (outcome: GateResult["outcome"], count: number) => {
      const told = requests.slice(0, count);
      await gate.admit(told);
      return gate.report(told.map((one) => reportOf(one, outcome)));
    };
    await tell("success", 30);
    expect(await tell("failure", 29)).to.deep.equal([]);
    await tell("success", 1); // ends the failing
    await tell("success", 1);
    const { rows } = await admin.query("select breaker from destination_gates");
    expect(rows[0]).to.have.nested.property("breaker.successes", 31);
  });

  it("are none for the successes of what has a rate alone", async () => {
    const { gate, said } = await setup();
    await gate.admit(batch({ ratePerSecond: 100 }));
    expect(await said(() => gate.report(batch().map((one) => reportOf(one, "success"))))).to.deep.equal([]);
  });

  it("lock nothing where a breaker is open", async () => {
    const { gate, other, said } = await setup();
    await gate.report(batch().map((one) => reportOf(one, "failure")));
    expect(await said(() => other.admit(batch()))).to.deep.equal(["begin", "LOOK"]);
  });

  it("write each failure, and the first success behind it", async () => {
    const { gate, other, said, admin } = await setup();
    const request = requestOf({}, 1);
    await gate.admit([request]);
    await other.admit([request]);
    await gate.report([reportOf(request, "failure")]);
    expect(await said(() => gate.report([reportOf(request, "success")]))).to.deep.equal(["begin", "LOCK", "KEEP"]);
    expect(await said(() => gate.report([reportOf(request, "success")]))).to.deep.equal([]);
    expect(await said(() => other.report([reportOf(request, "success")])), "it knows of no failure").to.deep.equal([]);

    await gate.report([reportOf(request, "failure")]);
    await other.admit([request]);
    expect(await said(() => other.report([reportOf(request, "success")]))).to.deep.equal(["begin", "LOCK", "KEEP"]);
    const { rows } = await admin.query("select breaker from destination_gates");
    expect(rows[0]).to.have.nested.property("breaker.failures", 2);
    expect(rows[0]).to.have.nested.property("breaker.successes", 3);
  });

  it("report what this process did not ask for", async () => {
    const { gate, other, said, admin } = await setup();
    const limited = requestOf({ concurrency: 1 }, 1);
    await gate.admit([limited]);
    expect(await said(() => other.report([reportOf(limited, "none")]))).to.deep.equal(["begin", "LOCK", "END"]);
    expect((await admin.query("select from gate_leases")).rowCount).to.equal(0);
  });

  it("make a breaker null again that has nothing to remember", async () => {
    const { gate, admin } = await setup();
    const requests = [1, 2, 3, 4, 5].map((n) => requestOf({}, n));
    const kept = async () => (await admin.query("select breaker from destination_gates")).rows as unknown[];
    await gate.admit(requests);
    await gate.report(requests.map((one) => reportOf(one, "failure")));
    expect(await kept()).to.have.nested.property("[0].breaker.state", "open");
    await gate.report([reportOf(requests[0]!, "success")]);
    expect(await kept()).to.deep.equal([{ breaker: null }]);
  });

  it("forget leases that have ended", async () => {
    const { gate, admin } = await setup();
    await gate.admit([1, 2, 3].map((n) => requestOf({ concurrency: 5, leaseMs: 0 }, n)));
    expect((await admin.query("select from gate_leases")).rowCount).to.equal(3);
    await gate.admit([requestOf({ concurrency: 5 }, 4)]);
    expect((await admin.query("select from gate_leases")).rowCount).to.equal(1);
  });

  it("keep one lease for an event that asks twice in a batch", async () => {
    const { gate, admin } = await setup();
    const request = requestOf({ concurrency: 5 }, 1);
    expect(await gate.admit([request, request])).to.have.length(2);
    expect((await admin.query("select from gate_leases")).rowCount).to.equal(1);
    await gate.report([request, request].map((one) => reportOf(one, "success")));
    expect((await admin.query("select from gate_leases")).rowCount).to.equal(0);
  });

  it("hold any text for an id", async () => {
    const { gate } = await setup();
    const ids = ["\0", "\ud800", "\udfff", "d/test", "", "é".repeat(100_000), "'; --"];
    const limited = ids.flatMap((text, n) =>
      [1, 2].map(() => requestOf({ destinationId: text, eventId: `${text}${n}`, concurrency: 1 }, n)),
    );
    const admissions = await gate.admit(limited);
    expect(admissions.map(({ kind }) => kind)).to.deep.equal(ids.flatMap(() => ["go", "later"]));
    await gate.report(limited.map((one) => reportOf(one, "failure")));
    expect((await gate.admit(limited)).filter(({ kind }) => kind === "go")).to.have.length(ids.length);
  });

  it("count the successes of the process along with its next failure", async () => {
    const { gate } = await setup();
    const requests = Array.from({ length: 30 }, (_, n) => requestOf({}, n));
    await gate.admit(requests);
    await gate.report(requests.map((one) => reportOf(one, "success")));
    const changes = await gate.report(requests.slice(0, 29).map((one) => reportOf(one, "failure")));
    expect(changes, "29 of 59").to.deep.equal([]);
    const [last] = await gate.report([reportOf(requests[0]!, "failure")]);
    expect(last, "30 of 60").to.include({ breaker: "open" });
  });

  it("do not close a breaker by successes from before it opened", async () => {
    const { gate, other, admin } = await setup();
    const requests = [1, 2, 3, 4, 5, 6].map((n) => requestOf({}, n));
    await gate.admit(requests);
    await gate.report([reportOf(requests[0]!, "success")]);
    await other.report(requests.slice(1).map((one) => reportOf(one, "failure")));
    expect(await gate.report([reportOf(requests[1]!, "failure")])).to.deep.equal([]);
    const { rows } = await admin.query("select breaker from destination_gates");
    expect(rows[0]).to.have.nested.property("breaker.state", "open");
  });
});
