import { failureOf, NOON, passOn, turn } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import fc from "fast-check";
import { Pulls } from "../../src/transport/pulls.js";

interface Asked {
  readonly most: number;
  readonly signal: AbortSignal;
  give(...some: readonly number[]): void;
  fail(error: Error): void;
}

function setup() {
  const clock = new MemoryClock(NOON);
  const asked: Asked[] = [];
  const returned: number[] = [];
  const pulls = new Pulls<number>({
    clock,
    pull: async (most, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
      asked.push({ most, signal, give: (...some) => resolve(some), fail: reject });
      return promise;
    },
    giveBack: async (some) => void returned.push(...some),
  });
  const [first, second] = [0, 1].map((place) => () => asked[place] ?? expect.fail("Nobody asked"));
  return {
    pulls,
    clock,
    asked,
    returned,
    first: first as () => Asked,
    second: second as () => Asked,
    pass: passOn(clock),
  };
}

describe("Pulls", () => {
  it("asks for as many as may come, and gives what comes", async () => {
    const { pulls, first } = setup();
    const taken = pulls.take(10, 1_000);
    expect(first().most).to.equal(10);
    first().give(1, 2);
    expect(await taken).to.deep.equal([1, 2]);
  });

  it("gives none after a while, and what comes then to who asks next", async () => {
    const { pulls, asked, first, returned, pass } = setup();
    const none = pulls.take(10, 1_000);
    await pass(1_000);
    expect(await none).to.deep.equal([]);
    const taken = pulls.take(10, 1_000);
    expect(asked).to.have.length(1);
    expect(first().signal.aborted).to.equal(false);
    first().give(1);
    expect(await taken).to.deep.equal([1]);
    await pass(10_000);
    expect(returned).to.deep.equal([]);
  });

  it("holds what came for nobody for a moment, for who is about to ask", async () => {
    const { pulls, first, returned, pass } = setup();
    const none = pulls.take(3, 1_000);
    await pass(1_000);
    await none;
    first().give(1, 2, 3);
    await turn();
    expect(await pulls.take(2, 1_000), "no more than asked for").to.deep.equal([1, 2]);
    await pass(99);
    expect(returned).to.deep.equal([]);
    await pass(1);
    expect(returned).to.deep.equal([3]);
    void pulls.take(2, 1_000);
    await turn();
    expect(returned, "given back, and yet given").to.deep.equal([3]);
  });

  it("asks for no more than all who wait have room for", async () => {
    const { pulls, asked, returned, pass } = setup();
    const taken = [5, 2, 1].map((most) => pulls.take(most, 60_000));
    expect(asked.map(({ most }) => most)).to.deep.equal([5, 2, 1]);
    asked[1]?.give(1, 2);
    expect(await taken[0], "the first of those who wait").to.deep.equal([1, 2]);
    const more = pulls.take(3, 60_000);
    expect(asked, "they are expected already").to.have.length(3);
    asked[0]?.give(3, 4, 5, 6, 7);
    expect([await taken[1], await taken[2], await more]).to.deep.equal([[3, 4], [5], [6, 7]]);
    await pass(10_000);
    expect(returned).to.deep.equal([]);
  });

  it("asks again where there was nothing for as long as the service lets one wait", async () => {
    const { pulls, first, second } = setup();
    const taken = pulls.take(1, 60_000);
    first().give();
    await turn();
    second().give(1);
    expect(await taken).to.deep.equal([1]);
  });

  it("tells who waits that the service is away, and nobody else", async () => {
    const { pulls, asked, first, second } = setup();
    const failing = pulls.take(1, 60_000);
    const other = pulls.take(1, 60_000);
    first().fail(new Unavailable("away"));
    expect(await failureOf(failing)).to.be.instanceOf(Unavailable);
    second().give(1);
    expect(await other).to.deep.equal([1]);
    await turn();
    expect(asked, "asked for nobody").to.have.length(2);
  });

  it("says nothing of a request that fails for nobody", async () => {
    const { pulls, first, second, pass } = setup();
    const none = pulls.take(1, 1_000);
    await pass(1_000);
    await none;
    first().fail(new Unavailable("away"));
    await turn();
    const taken = pulls.take(1, 1_000);
    second().give(1);
    expect(await taken).to.deep.equal([1]);
  });

  it("breaks off what is under way when it is closed, and gives back what came all the same", async () => {
    const { pulls, first, returned, pass, asked } = setup();
    const none = pulls.take(1, 1_000);
    await pass(1_000);
    await none;
    const closed = pulls.close();
    expect(first().signal.aborted).to.equal(true);
    first().give(1);
    await closed;
    expect(returned).to.deep.equal([1]);
    expect(asked).to.have.length(1);
  });

  it("leaves no timer behind", async () => {
    const { pulls, first, clock } = setup();
    const taken = pulls.take(1, 1_000);
    first().give(1);
    await taken;
    await turn();
    expect(clock.nextWake).to.equal(null);
  });

  it("gives each message once, or gives it back, whatever happens", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("take" as const), most: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant("give" as const), many: fc.nat(5) }),
      fc.record({ do: fc.constant("fail" as const) }),
      fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(50, 100, 1_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const { pulls, asked, returned, pass } = setup();
        const taken: number[] = [];
        const pending: Promise<void>[] = [];
        let [given, answered] = [0, 0];
        for (const one of steps) {
          const open = one.do === "give" || one.do === "fail" ? asked[answered] : undefined;
          if (one.do === "take") {
            const taking = pulls.take(one.most, 500).then((some) => {
              expect(some.length).to.be.at.most(one.most);
              taken.push(...some);
            });
            pending.push(taking.catch(() => undefined));
          } else if (one.do === "pass") await pass(one.ms);
          else if (open !== undefined) {
            answered++;
            if (one.do === "fail") open.fail(new Unavailable("away"));
            else open.give(...Array.from({ length: Math.min(one.many, open.most) }, () => ++given));
          }
          await turn();
        }
        await pass(1_000);
        await Promise.all(pending);
        const all = [...taken, ...returned].sort((a, b) => a - b);
        expect(all).to.deep.equal(Array.from({ length: given }, (_, index) => index + 1));
      }),
      { numRuns: 200 },
    );
  });
});
