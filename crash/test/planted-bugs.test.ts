import { type EmbeddedServer, startEmbedded } from "@punctual/adapter-postgres/server";
import { expect } from "chai";
import { makeDatabase, type MatrixOptions, runMatrix } from "../src/run-matrix.js";
import { MUTANTS } from "../src/mutants.js";
import { violations } from "../src/report.js";

const NO_DEEDS = { kill: 0, "kill under a request": 0, stop: 0, "cut connections": 0, SIGTERM: 0 };
const ALL_WELL = { well: 100, slowly: 0, late: 0, error: 0, "late error": 0, no: 0, cut: 0 };

type Harm = Partial<Omit<MatrixOptions, "server" | "database">>;

/** Seeds decide what is drawn, not what meets what: a bug that one run happens to miss has further ones. */
const MOST_SEEDS = 6;

/** The victims kill themselves; from outside comes next to nothing. */
const ALONE: Harm = { deadly: 1, weights: { ...NO_DEEDS, kill: 1 }, pauseMs: [1_500, 2_500] };

/** What brings each bug to light, and which check must object. */
const HARM: Readonly<Record<string, readonly [Harm, string]>> = {
  "successors in a second transaction": [
    { ...ALONE, kills: 4, places: ["claim.after_commit"] },
    "each occurrence is one row",
  ],
  "finishing comes late, and does not look at the fence": [
    { ...ALONE, kills: 1, deadly: 0 },
    "none but the holder of the fence changes what is held",
  ],
  "a claim does not wait for the end of a lease": [
    { ...ALONE, kills: 1, deadly: 0, manners: { ...ALL_WELL, slowly: 100 } },
    "no claim while another runs",
  ],
  "attempts of which nothing is heard are not recorded": [
    { ...ALONE, kills: 3, places: ["http.after_response"] },
    "each request is an attempt on record, and each answer",
  ],
  "each attempt sends another body": [
    { ...ALONE, kills: 2, places: ["http.after_response"] },
    "one body for all requests of an event",
  ],
  "nothing is released": [
    { kills: 1, deadly: 0, weights: { ...NO_DEEDS, SIGTERM: 4, kill: 1 }, pauseMs: [500, 800] },
    "SIGTERM leaves no claim behind",
  ],
};

const SMALL: Omit<MatrixOptions, "server" | "database"> = {
  ...{ seed: 1, kills: 1, crashes: 0, single: 0, victims: 2 },
  wave: { schedules: 10, seconds: 2, everyMs: 2_000 },
};

describe("The crash matrix", function () {
  this.timeout(120_000);
  let server: EmbeddedServer;
  before(async () => {
    server = await startEmbedded({ durable: false, settings: { synchronous_commit: "on" } });
    await makeDatabase(server, "empty");
  });
  after(() => server.stop());

  it("finds each bug that is planted around the store", async () => {
    expect(Object.keys(HARM)).to.have.members(MUTANTS);
    let left = Object.entries(HARM);
    for (let seed = 1; seed <= MOST_SEEDS && left.length > 0; seed++) {
      // Side by side: most of a run is waiting.
      const found = await Promise.all(
        left.map(async ([mutant, [harm, check]], index) => {
          const { verdicts } = await run(`mutant_${seed}_${index}`, { ...harm, seed, mutant });
          return verdicts.some(({ name, violated }) => name === check && violated > 0);
        }),
      );
      left = left.filter((_, index) => found[index] === false);
    }
    expect(left.map(([mutant]) => mutant)).to.deep.equal([]);
  });

  it("has no objection to the real store", async () => {
    const real = await run("real", { kills: 4, pauseMs: [200, 500] });
    expect(real.verdicts.flatMap((verdict) => verdict.violations)).to.deep.equal([]);
    expect(violations(real)).to.equal(0);
    expect(real.kills).to.be.at.least(4);
  });

  async function run(database: string, harm: Harm) {
    return runMatrix({ ...SMALL, ...harm, server, database, template: "empty" });
  }
});
