import { expect } from "chai";
import { Unavailable } from "../../src/errors.js";
import { MemoryClock } from "../../src/memory/clock.js";
import { RecentSecrets } from "../../src/secrets/recent-secrets.js";

describe("RecentSecrets", () => {
  const setup = (ask: (name: string) => Promise<string>, graceMs = 1_000) => {
    const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
    return { clock, secrets: new RecentSecrets(ask, clock, { maxAgeMs: 100, graceMs }) };
  };

  it("counts a value's age from when it was asked for, not from when the answer came", async () => {
    let asked = 0;
    const { clock, secrets } = setup(async () => {
      clock.advance(80);
      return `answer ${++asked}`;
    });
    expect(await secrets.read("one")).to.equal("answer 1");
    clock.advance(19);
    expect(await secrets.read("one")).to.equal("answer 1");
    clock.advance(1);
    expect(await secrets.read("one")).to.equal("answer 2");
  });

  it("leaves a bug as it is, and does not hide it behind what is known", async () => {
    const bug = new TypeError("undefined is not a function");
    let broken = false;
    const { clock, secrets } = setup(async () => {
      if (broken) throw bug;
      return "value";
    });
    await secrets.read("one");
    broken = true;
    clock.advance(100);
    expect(await secrets.read("one").catch((error: unknown) => error)).to.equal(bug);
  });

  it("asks anew after a failure that is thrown at once", async () => {
    let asked = 0;
    const { secrets } = setup(() => {
      if (++asked === 1) throw new Unavailable("away");
      return Promise.resolve("value");
    });
    expect(await secrets.read("one").catch((error: unknown) => error)).to.be.instanceOf(Unavailable);
    expect(await secrets.read("one")).to.equal("value");
  });
});
