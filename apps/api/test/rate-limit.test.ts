import { expect } from "chai";
import { RateLimit } from "../src/http/rate-limit.js";
import { operationOf, type Desk, desk, refusalIn } from "./support/desk.js";

describe("RateLimit", () => {
  const setup = (perMinute: number) => {
    let now = 0;
    return { rate: new RateLimit(perMinute, () => now), pass: (ms: number) => (now += ms) };
  };

  it("lets a minute's worth in at once, and then one after another", () => {
    const { rate, pass } = setup(60);
    const taken = Array.from({ length: 61 }, () => rate.take("one").ok);
    expect(taken.filter((ok) => ok)).to.have.length(60);
    expect(taken.at(-1)).to.equal(false);
    pass(999);
    expect(rate.take("one").ok).to.equal(false);
    pass(1);
    expect(rate.take("one").ok).to.equal(true);
    expect(rate.take("one").ok).to.equal(false);
  });

  it("says what is left, when it is full again, and when there is a place", () => {
    const { rate } = setup(2);
    expect(rate.take("one")).to.deep.equal({ ok: true, left: 1, fullInS: 30, nextInS: 1 });
    expect(rate.take("one")).to.deep.equal({ ok: true, left: 0, fullInS: 60, nextInS: 30 });
    expect(rate.take("one")).to.deep.equal({ ok: false, left: 0, fullInS: 60, nextInS: 30 });
  });

  it("holds each by itself, and does not remember more than ten thousand", () => {
    const { rate } = setup(1);
    expect(rate.take("one").ok).to.equal(true);
    for (let index = 0; index < 10_000; index++) expect(rate.take(`other-${index}`).ok).to.equal(true);
    expect(rate.take("one").ok).to.equal(true);
    expect(rate.take("other-9999").ok).to.equal(false);
  });

  describe("over HTTP", () => {
    let one: Desk;
    beforeEach(async () => (one = await desk({ api: { rate: new RateLimit(3, () => 0) } })));
    afterEach(() => one.close());
    const list = operationOf("listSchedules");

    it("answers 429 with the draft's headers, for that tenant alone", async () => {
      const answers = [];
      for (let index = 0; index < 4; index++) answers.push(await one.ask(list));
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200, 429]);
      expect(answers.map(({ headers }) => headers.get("ratelimit"))).to.deep.equal([
        '"tenant";r=2;t=20',
        '"tenant";r=1;t=40',
        '"tenant";r=0;t=60',
        '"tenant";r=0;t=60',
      ]);
      const [, , , last] = answers;
      if (last === undefined) throw new Error("No answer");
      expect(last.headers.get("ratelimit-policy")).to.equal('"tenant";q=3;w=60');
      expect(last.headers.get("retry-after")).to.equal("20");
      expect(refusalIn(last)).to.deep.equal([429, "too_often"]);
      expect((await one.ask(list, { as: "admin:other:ada" })).status).to.equal(200);
    });

    it("does not count who is not let in, nor what anybody may ask", async () => {
      for (let index = 0; index < 10; index++) {
        expect((await one.ask(list, { as: null })).status).to.equal(401);
        expect((await one.ask(operationOf("live"), { as: null })).status).to.equal(200);
      }
      expect((await one.ask(list)).headers.get("ratelimit")).to.equal('"tenant";r=2;t=20');
    });
  });
});
