import { describeTelemetry } from "@punctual/core/conformance";
import { expect } from "chai";
import { Lines, logTo } from "../support.js";

describeTelemetry("LogTelemetry", {
  keeps: true,
  open: () => {
    const lines = new Lines();
    const arrived = async () => lines.parsed.flatMap(({ eventId }) => (typeof eventId === "string" ? [eventId] : []));
    return { telemetry: logTo(lines), arrived };
  },
});

describe("LogTelemetry", () => {
  it("writes one line for a fact, by the fact's own names", () => {
    const lines = new Lines();
    logTo(lines).note({ kind: "postponed", eventId: "event-1", because: "rate" });
    expect(lines.parsed).to.have.length(1);
    expect(lines.parsed[0]).to.include({ msg: "postponed", eventId: "event-1", because: "rate" });
  });

  it("writes of an error its message, its code and its causes, and no other field", () => {
    const lines = new Lines();
    const cause = Object.assign(new Error("duplicate key"), {
      detail: "Key (key)=(of a customer) exists",
      code: "23505",
    });
    const error = Object.assign(new Error("Could not save", { cause }), { payload: "of a customer" });
    logTo(lines).note({ kind: "trouble", where: "api", error, requestId: "request-1" });
    expect(lines.texts.join("")).not.to.contain("of a customer");
    expect(lines.parsed[0]).to.include({ where: "api", requestId: "request-1", error: "Error: Could not save" });
    expect(lines.parsed[0]?.["causes"]).to.deep.equal(["Error: duplicate key"]);
  });

  it("keeps a line one line, whatever is in it", () => {
    const lines = new Lines();
    logTo(lines).note({ kind: "trouble", where: "api", error: new Error('a\r\n{"level":"error"}\n') });
    expect(lines.texts).to.have.length(1);
    expect(lines.texts[0]?.trimEnd()).not.to.match(/[\r\n]/);
  });

  it("leaves out what its level is above", () => {
    const lines = new Lines();
    const log = logTo(lines, "warn");
    log.note({ kind: "postponed", eventId: "event-1", because: "rate" });
    log.note({ kind: "dead_letter", eventId: "event-2", reason: "forged" });
    expect(lines.parsed.map(({ msg }) => msg)).to.deep.equal(["dead_letter"]);
  });

  it("goes on where its stream throws (L1)", () => {
    const log = logTo({
      write: () => {
        throw new Error("the disk is full");
      },
    });
    expect(log.note({ kind: "dead_letter", eventId: null, reason: "forged" })).to.equal(undefined);
  });
});
