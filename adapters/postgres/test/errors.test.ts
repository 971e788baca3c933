import { Conflict, NotFound, Unavailable } from "@punctual/core";
import { expect } from "chai";
import { isBroken, isCollision, isRace, isSevered, translated } from "../src/errors.js";

const said = (code: string, extra: object = {}) => Object.assign(new Error("said by the database"), { code, ...extra });

describe("what the database says", () => {
  const away = [
    "08006",
    "28P01",
    "3D000",
    "42P01",
    "25006",
    "53100",
    "53300",
    "55P03",
    "57P01",
    "57014",
    "58030",
    "XX001",
  ];
  for (const code of [...away, "ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EPIPE"]) {
    it(`is unavailable for ${code}, with the cause kept`, () => {
      const error = said(code);
      const known = translated(error);

      expect(known).to.be.instanceOf(Unavailable);
      expect(known).to.have.property("cause", error);
    });
  }

  it("is a conflict where a constraint means one", () => {
    const codes = ["events_leader", "schedules_key"].map((constraint) => translated(said("23505", { constraint })));

    expect(codes.map((error) => (error instanceof Conflict ? error.code : error))).to.deep.equal([
      "series_moved",
      "key_taken",
    ]);
  });

  it("is a missing destination where a schedule names one that is gone", () => {
    const detail = "Key (uses_destination)=(0d9f8a4e-0000-4000-8000-000000000000) is not present in table";

    const known = translated(said("23503", { constraint: "schedules_uses_destination_fkey", detail }));

    expect(known).to.be.instanceOf(NotFound);
    expect(known).to.include({ code: "destination_not_found", id: "0d9f8a4e-0000-4000-8000-000000000000" });
  });

  it("goes up as it is where it is a bug", () => {
    for (const error of [said("42601"), said("22P02"), new TypeError("a bug"), new Conflict("in_flight", "known")]) {
      expect(translated(error)).to.equal(error);
    }
  });

  it("tells broken connections from those that only failed", () => {
    const broken = ["08006", "57P01", "25006", "ECONNRESET"].map((code) => isBroken(said(code)));
    const whole = ["57014", "55P03", "23505", "40001", "42601"].map((code) => isBroken(said(code)));

    expect([...new Set(broken)]).to.deep.equal([true]);
    expect([...new Set(whole)]).to.deep.equal([false]);
    expect(isBroken(new Error("Query read timeout"))).to.equal(true);
  });

  it("tells what is worth another connection at once from what is not", () => {
    expect([said("57P01"), said("ECONNRESET")].map(isSevered)).to.deep.equal([true, true]);
    const others = [
      new Error("Query read timeout"),
      Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }),
    ];
    expect(others.map(isSevered)).to.deep.equal([false, false]);
  });

  it("tells collisions from races", () => {
    const codes = ["40001", "40P01", "23505", "23503", "23514"];

    expect(codes.filter((code) => isCollision(said(code)))).to.deep.equal(["40001", "40P01", "23514"]);
    expect(codes.filter((code) => isRace(said(code)))).to.deep.equal(codes);
  });
});
