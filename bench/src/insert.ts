import { Boss } from "./database/boss.js";
import { Graphile } from "./database/graphile.js";
import { Ours } from "./database/ours.js";
import { alternate, best, ratios, type Side } from "./database/rounds.js";
import { onServer, SERVER_SETTINGS } from "./database/server.js";
import { median, whole } from "./figures.js";
import type { Options } from "./options.js";
import { printTable, publish } from "./report.js";
import { judge, rounded, type Verdict } from "./verdict.js";

const DAY = 86_400_000;

interface Lanes {
  /** How many go into one call, and how many calls run at once. */
  readonly size: number;
  readonly lanes: number;
}

/** The first of each is what was found to be best; `--tune` runs the others too. */
const SETTINGS: Readonly<Record<"ours" | "graphile" | "boss", readonly Lanes[]>> = {
  ours: [
    { size: 1_000, lanes: 4 },
    { size: 1_000, lanes: 2 },
    { size: 1_000, lanes: 1 },
    { size: 5_000, lanes: 2 },
  ],
  graphile: [
    { size: 10_000, lanes: 2 },
    { size: 1_000, lanes: 4 },
    { size: 5_000, lanes: 1 },
    { size: 5_000, lanes: 4 },
  ],
  boss: [
    { size: 5_000, lanes: 4 },
    { size: 1_000, lanes: 4 },
    { size: 10_000, lanes: 1 },
    { size: 10_000, lanes: 2 },
  ],
};

/** How long it takes until many events, or jobs, are there. */
export async function insert({ rounds = 5, events = 100_000, tune }: Options): Promise<Verdict> {
  return onServer(async (server) => {
    const ours = await Ours.open(await server.database("ours"));
    const graphile = await Graphile.open(await server.database("graphile"));
    const boss = await Boss.open(await server.database("boss"));
    try {
      // Due tomorrow: the first events of schedules that have just been made, one each.
      const series = await ours.schedules(events, Math.ceil(events / 10), Date.now() + DAY);
      const firsts = series.map(({ event }) => event);
      const jobs = Array.from({ length: events }, (_, id) => ({ id, message: "hello world" }));
      const expect = (count: number) => {
        if (count !== events) throw new Error(`Of ${events} ${count} are there`);
      };
      const used = (name: keyof typeof SETTINGS) => SETTINGS[name].slice(0, tune ? undefined : 1);
      const sides = [
        ...used("ours").map((lanes): Side => ({
          name: `ours (${stated(lanes)})`,
          prepare: async () => {
            await ours.empty();
            await ours.pool.query("checkpoint");
          },
          run: async () => ours.add(firsts, lanes),
          check: async () => {
            const { rows } = await ours.pool.query<{ count: number }>("select count(*)::int as count from events");
            expect(rows[0]?.count ?? 0);
          },
        })),
        ...used("graphile").map((lanes): Side => ({
          name: `graphile-worker (${stated(lanes)})`,
          prepare: async () => {
            await graphile.empty();
            await graphile.settle();
          },
          run: async () => graphile.add(jobs, lanes),
          check: async () => expect(await graphile.left()),
        })),
        ...used("boss").map((lanes): Side => ({
          name: `pg-boss (${stated(lanes)})`,
          prepare: async () => {
            await boss.empty();
            await boss.settle();
          },
          run: async () => boss.add(jobs, lanes),
          check: async () => expect(await boss.count("created")),
        })),
      ];
      const rates = await alternate(sides, rounds, events);

      const names = sides.map(({ name }) => name);
      const [own] = names as [string];
      const peer = best(
        rates,
        names.filter((name) => !name.startsWith("ours")),
      );
      printTable([
        ["side", "added/s", `to ${peer}`],
        ...names.map((name) => [
          name,
          whole(median(rates.get(name)!)),
          `${rounded(median(ratios(rates, name, peer)))}`,
        ]),
      ]);
      const verdict = judge("insert", { insert: median(ratios(rates, own, peer)) }, { insert: { atLeast: 1 } });
      return publish(verdict, { rounds, events, peer, settings: SERVER_SETTINGS, rates: Object.fromEntries(rates) });
    } finally {
      await Promise.all([ours.close(), graphile.close(), boss.close()]);
    }
  });
}

function stated({ size, lanes }: Lanes): string {
  return `${lanes} at once of ${whole(size)}`;
}
