import { mostWithin, rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Outcome } from "./outcome.js";
import { inScene, onServer } from "./scene.js";
import { tallyOf } from "./tally.js";
import { totalOf } from "./worker-reports.js";

const LEAST_SHARE = 0.8;

/** Many workers share a destination that has a rate, with more to send than that: no second may see more. */
export async function rate({ seconds = 30, workers = 8, perSecond = 50, shape }: Options): Promise<Outcome> {
  return onServer((server) =>
    inScene(server, { shape }, async (scene) => {
      const receiver = await scene.receiver();
      const { ports } = await receiver.ready;
      const destination = await scene.destination(ports[0] ?? 0, { ratePerSecond: perSecond });
      const players = await scene.workers(workers);
      // At the rate itself they would last so long; a rate that holds is a little lower.
      const count = Math.ceil(seconds * perSecond);
      const dueAt = scene.afterAdding(count);
      await scene.add(Array.from({ length: count }, () => ({ destination, dueAt })));
      const open = await scene.records.drained(seconds * 2_000 + 30_000);
      const report = totalOf(await Promise.all(players.map((player) => player.end())));
      const arrivals = await receiver.end();
      const events = await scene.records.events();
      const tally = tallyOf(arrivals, await scene.records.attempts());

      const times = arrivals.map(({ at }) => at).sort((one, other) => one - other);
      const from = times[0] ?? 0;
      const early = times.filter((at) => at <= from + seconds * 1_000);
      const span = Math.min(seconds * 1_000, (times.at(-1) ?? 0) - from) / 1_000;
      const largest = mostWithin(times, 1_000);
      const meanPerSecond = rounded((early.length - 1) / span, 2);
      const share = rounded(meanPerSecond / perSecond, 3);
      const completed = events.filter(({ state }) => state === "COMPLETED").length;
      return {
        trial: "rate",
        figures: {
          seconds,
          workers,
          perSecond,
          largest,
          meanPerSecond,
          share,
          events: count,
          completed,
          ...tally,
          ...report,
        },
        demands: [
          { what: `no second sees more than ${perSecond}`, seen: `${largest} at most`, held: largest <= perSecond },
          {
            what: `at least ${LEAST_SHARE * 100} % of the rate is used`,
            seen: `${meanPerSecond}/s`,
            held: share >= LEAST_SHARE,
          },
          {
            what: "all events are delivered",
            seen: `${completed} of ${count}`,
            held: completed === count && open === 0,
          },
          {
            what: "requests are attempts",
            seen: `${tally.unmatched} unmatched`,
            held: tally.unmatched + tally.brokenOff + tally.unconnected === 0,
          },
        ],
      };
    }),
  );
}
