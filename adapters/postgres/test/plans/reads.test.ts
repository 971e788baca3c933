import { MOST_COUNTED } from "@punctual/core";
import { expect } from "chai";
import { CROWDED, fillWith } from "../support/crowd.js";
import { type Node, nodesOf, planOf, rowsReadOf, scansOf } from "../support/plans.js";
import { readsOf } from "../support/reads.js";
import { migratedStores } from "../support/stores.js";

const ENDS = /^Index (Only )?Scan event_history_(month_|default_)?(tenant_)?(finished_at_id_idx|ends)/;

/** A tenant's own, and what is being delivered for others. */
const SMALL = 200;

const MOST_READ: Readonly<Record<string, number>> = {
  // Those that wait, and those that are being delivered.
  "stats: open": 2 * MOST_COUNTED,
  // Where nearly all are the tenant's own they may be read by their ids alone, with the few of others between them.
  "stats: destinations": 1.05 * MOST_COUNTED,
};

/** The short form of `npm run stats`: how much is read, not how long it takes. */
describe("what stats and streams read", () => {
  let plans: Readonly<Record<string, Node>>;
  /** Of a tenant that has one row in two hundred. */
  let plansOfSmall: Readonly<Record<string, Node>>;

  before(async function () {
    this.timeout(60_000);
    const { admin } = await migratedStores();
    await fillWith(admin, { open: 25_000, ended: 25_000 });
    // Ends that crowd in the last five minutes, so that not all of them are counted.
    await admin.query(`
      update event_history set finished_at = date_trunc('milliseconds', now() - random() * interval '4 minutes')
      where finished_at > now() - interval '40 days' and tenant = '${CROWDED}'`);
    await admin.query("vacuum analyze event_history");
    const plansFor = async (tenant: string) => {
      const all = Object.entries(readsOf(tenant)).map(
        async ([name, { text, values }]) => [name, await planOf(admin, text, values)] as const,
      );
      return Object.fromEntries(await Promise.all(all));
    };
    plans = await plansFor(CROWDED);
    plansOfSmall = await plansFor("tenant-1");
  });

  const planNamed = (name: string) => plans[name] ?? expect.fail(name);

  it("are never more rows than are counted, and of no table all", () => {
    for (const [name, plan] of Object.entries(plans)) {
      for (const table of [/^events$/, /^event_history/, /^destinations$/]) {
        expect(rowsReadOf(plan, table), `${name}: ${String(table)}`).to.be.at.most(MOST_READ[name] ?? MOST_COUNTED);
      }
      expect(
        scansOf(plan).filter((scan) => /^Seq Scan (?!pg_)/.test(scan)),
        name,
      ).to.deep.equal([]);
    }
  });

  it("are as many as there may be, where there are more", () => {
    expect(rowsReadOf(planNamed("stats: open"), /^events$/)).to.be.within(MOST_COUNTED, MOST_COUNTED + 100);
    expect(rowsReadOf(planNamed("stats: ended"), /^event_history/)).to.equal(MOST_COUNTED);
    expect(rowsReadOf(planNamed("stats: destinations"), /^destinations$/)).to.be.at.least(MOST_COUNTED);
  });

  it("are no rows of others, for a tenant that has few", () => {
    for (const [name, plan] of Object.entries(plansOfSmall)) {
      for (const table of [/^events$/, /^event_history/, /^destinations$/]) {
        expect(rowsReadOf(plan, table), `${name}: ${String(table)}`).to.be.at.most(SMALL);
      }
    }
  });

  it("come by the indexes that are made for them", () => {
    expect(scansOf(planNamed("stats: open"))).to.deep.equal(["Index Scan events_list", "Index Scan events_processing"]);
    expect(scansOf(planNamed("stats: upcoming"))).to.deep.equal(["Index Scan events_list"]);
    expect(scansOf(planNamed("stats: destinations")).join()).to.match(/^Index Scan destinations_(list|pkey)$/);
  });

  for (const name of ["a page of now", "a page of yesterday", "a page over months", "a page of what failed"]) {
    it(`come in the order of ends without a sort: ${name}`, () => {
      const plan = planNamed(`stream: ${name}`);
      for (const scan of scansOf(plan)) expect(scan).to.match(ENDS);
      expect(nodesOf(plan).filter((node) => node["Node Type"].includes("Sort"))).to.deep.equal([]);
      // What failed is one in fifty, and all between two instants is looked at for it.
      if (!name.includes("failed")) expect(rowsReadOf(plan, /^event_history/)).to.be.at.most(5 * 101);
    });
  }

  it("are as few as a page has, though all months are asked", () => {
    const plan = planNamed("stream: a page over months");
    const months = new Set(nodesOf(plan).flatMap((node) => node["Relation Name"] ?? []));
    expect(months.size).to.be.above(2);
    expect(rowsReadOf(plan, /^event_history/)).to.be.within(101, 110);
  });

  it("are entries of the index alone where a filter looks for its end", () => {
    for (const scan of scansOf(planNamed("stream: up to where a filter looks"))) expect(scan).to.match(ENDS);
  });
});
