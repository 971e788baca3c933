import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { BadConfig, type Environment, type Known } from "../../src/config.js";

/** Something that is made of an environment. */
export interface Told {
  readonly make: (environment: Environment) => unknown;
  /** What it cannot do without. */
  readonly needs: readonly string[];
}

export interface Configuration {
  readonly told: Readonly<Record<string, Told>>;
  readonly known: Known;
  /** Enough for each of them. */
  readonly all: Environment;
  /** What the platform gives besides. */
  readonly given: Environment;
}

/** What is wrong, line by line; nothing where it is made. */
export async function wrong(make: Told["make"], environment: Environment): Promise<readonly string[]> {
  try {
    await make(environment);
  } catch (error) {
    if (error instanceof BadConfig) return error.message.split("\n");
    throw error;
  }
  return [];
}

export function namesIn(lines: readonly string[]): readonly string[] {
  return lines.map((line) => /^\w+/.exec(line)?.[0] ?? line);
}

/** What each must tell of its environment, wherever it runs. */
export function describeEach({ told, known, all, given }: Configuration): void {
  for (const [name, { make, needs }] of Object.entries(told)) {
    describe(name, () => {
      it("is made of what it needs, and of what all are given together", async () => {
        const own = Object.fromEntries(Object.entries(all).filter(([key]) => needs.includes(key)));
        const secret = needs.includes("PUNCTUAL_AUTH") ? { PUNCTUAL_AUTH_SECRET: all["PUNCTUAL_AUTH_SECRET"] } : {};
        expect(await wrong(make, { ...own, ...secret })).to.deep.equal([]);
        expect(await wrong(make, { ...all, ...given })).to.deep.equal([]);
      });

      it("tells at once all that is missing", async () => {
        expect(namesIn(await wrong(make, {}))).to.have.members(needs);
        const empty = Object.fromEntries(Object.keys(all).map((key) => [key, ""]));
        expect(namesIn(await wrong(make, empty)), "empty").to.have.members(needs);
      });

      it("tells a slip in a name beside what is missing", async () => {
        const slips = { PUNCTUAL_DATABASE_ULR: "hunter2", PUNCTUAL_X: "hunter2" };
        const lines = await wrong(make, { ...slips, PUNCTUAL: "no slip" });
        expect(namesIn(lines)).to.have.members([...needs, ...Object.keys(slips)]);
        expect(lines.join()).to.contain(known.document).and.not.to.contain("hunter2");
      });

      it("repeats nothing of what is wrong", async () => {
        const environment = Object.fromEntries([...known.names].map((key) => [key, "hunter2,//hunter2"]));
        const lines = await wrong(make, { ...environment, PUNCTUAL_SCHEDULER: "two-stage" });
        expect(lines.join()).not.to.contain("hunter2");
        expect(lines.length).to.be.at.least(needs.includes("PUNCTUAL_DATABASE_URL") ? 3 : 2);
      });
    });
  }
}

/** What is wrong, of which function, what is changed, and the variable that is told. */
export type Refused = readonly [what: string, of: string, change: Environment, name: string];

export function itRefuses({ told, all }: Configuration, cases: readonly Refused[]): void {
  for (const [what, of, change, name] of cases) {
    it(`refuses ${what}`, async () => {
      const lines = await wrong(told[of]?.make ?? expect.fail(of), { ...all, ...change });
      expect(new Set(namesIn(lines)), lines.join("\n")).to.deep.equal(new Set([name]));
    });
  }
}

export function itIsDescribed({ known }: Configuration): void {
  it(`is described in ${known.document}, variable by variable`, async () => {
    const text = await readFile(new URL(`../../../../../${known.document}`, import.meta.url), "utf8");
    const told = [...text.matchAll(/^\| `(PUNCTUAL_\w+)`/gm)].map(([, name]) => name ?? "");
    expect(told.toSorted()).to.deep.equal([...known.names].filter((name) => name.startsWith("PUNCTUAL_")).toSorted());
  });
}
