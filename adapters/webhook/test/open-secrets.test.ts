import { Unavailable, type Vault } from "@punctual/core";
import { expect } from "chai";
import { mock } from "node:test";
import { OpenSecrets } from "../src/open-secrets.js";
import { AT, plainVault } from "./support/sender.js";

describe("OpenSecrets", () => {
  /** Mocha itself lets them pass. */
  let unhandled: unknown[];
  const note = (reason: unknown) => void unhandled.push(reason);
  beforeEach(() => {
    unhandled = [];
    process.on("unhandledRejection", note);
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
    process.off("unhandledRejection", note);
  });

  /** `asked` are the calls to a vault that answers when it is told to. */
  function setup() {
    const asked: PromiseWithResolvers<string>[] = [];
    const vault: Vault = {
      ...plainVault,
      open: async () => {
        const call = Promise.withResolvers<string>();
        asked.push(call);
        return call.promise;
      },
    };
    const secrets = new OpenSecrets(vault);
    const destination = { id: "d", secrets: [{ id: "s", sealed: "sealed", createdAt: AT, expiresAt: null }] };
    const open = () => secrets.of(destination, AT);
    /** What becomes of an opening: null while nothing has. */
    const outcomeOf = (opening: ReturnType<typeof open>) => {
      const state: { outcome: unknown } = { outcome: null };
      void Promise.resolve(opening).then(
        (texts) => (state.outcome = texts),
        (error: unknown) => (state.outcome = error),
      );
      return state;
    };
    /** Lets so much time pass, and whatever was waiting for it happen. */
    const pass = async (ms: number) => {
      mock.timers.tick(ms);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { asked, open, outcomeOf, pass };
  }

  it("opens a secret once, and has it at hand from then on", async () => {
    const { asked, open, pass } = setup();
    const both = Promise.all([open(), open()]);
    asked[0]?.resolve("text");

    expect(await both).to.deep.equal([["text"], ["text"]]);
    await pass(10_000);
    expect(open()).to.deep.equal(["text"]);
    expect(asked).to.have.length(1);
  });

  it("waits five seconds for a vault that does not answer, and then says that it is unavailable", async () => {
    const { open, outcomeOf, pass } = setup();
    const opening = outcomeOf(open());
    await pass(4_999);
    expect(opening.outcome).to.equal(null);
    await pass(1);

    expect(opening.outcome).to.be.instanceOf(Unavailable);
    expect(opening.outcome).to.include({ family: "unavailable", message: "A secret was not opened in time" });
  });

  it("asks again for the next one, who has five seconds too", async () => {
    const { asked, open, outcomeOf, pass } = setup();
    outcomeOf(open());
    await pass(5_000);
    const next = outcomeOf(open());
    expect(asked).to.have.length(2);
    await pass(4_999);
    asked[1]?.resolve("text");
    await pass(0);

    expect(next.outcome).to.deep.equal(["text"]);
    expect(open()).to.deep.equal(["text"]);
  });

  for (const [what, answer] of [
    ["an answer", (call?: PromiseWithResolvers<string>) => call?.resolve("late")],
    ["a failure", (call?: PromiseWithResolvers<string>) => call?.reject(new Error("Late"))],
  ] as const) {
    it(`is not harmed by ${what} that comes too late`, async () => {
      const { asked, open, outcomeOf, pass } = setup();
      const first = outcomeOf(open());
      await pass(5_000);
      const second = outcomeOf(open());
      answer(asked[0]);
      await pass(0);
      expect(unhandled).to.deep.equal([]);
      expect(first.outcome).to.be.instanceOf(Unavailable);
      expect(second.outcome).to.equal(null);
      const third = outcomeOf(open());
      asked[1]?.resolve("text");
      await pass(0);

      expect([second.outcome, third.outcome, open()]).to.deep.equal([["text"], ["text"], ["text"]]);
      expect(asked).to.have.length(2);
    });
  }
});
