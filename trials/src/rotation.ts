import { randomBytes } from "node:crypto";
import { rounded } from "./figures.js";
import type { Options } from "./options.js";
import type { Arrival } from "./orders.js";
import type { Outcome } from "./outcome.js";
import { inScene, onServer } from "./scene.js";
import { tallyOf } from "./tally.js";
import { totalOf } from "./worker-reports.js";

const OVERLAP_MS = 2_000;
/** From one rotation to the next. */
const PERIOD_MS = 3_000;
const DRAIN_MS = 30_000;

/** A rotation, in epoch milliseconds. */
interface Turn {
  /** When it was committed, or a little earlier. */
  readonly from: number;
  readonly changedAt: number;
}

/** A secret is rotated again and again under load: whoever changes over within the overlap verifies every request. */
export async function rotation({ seconds = 20, perSecond = 100, shape }: Options): Promise<Outcome> {
  return onServer((server) =>
    inScene(server, { shape }, async (scene) => {
      const count = Math.floor((seconds * 1_000) / PERIOD_MS);
      const secrets = Array.from({ length: count + 1 }, () => `whsec_${randomBytes(32).toString("base64")}`);
      const receiver = await scene.receiver({ secrets });
      const { ports } = await receiver.ready;
      const destination = await scene.destination(ports[0] ?? 0, { secret: secrets[0] });
      const workers = await scene.workers(2);
      const events = Math.floor(seconds * perSecond);
      const from = scene.afterAdding(events);
      const dueAt = (number: number) => from + Math.floor((number * 1_000) / perSecond);
      await scene.add(Array.from({ length: events }, (_, number) => ({ destination, dueAt: dueAt(number) })));

      await scene.clock.sleep(from - Date.now());
      const turns: Turn[] = [];
      for (const [index, secret] of secrets.slice(1).entries()) {
        const began = Date.now();
        await scene.rotate(destination, { secret, overlap: `PT${OVERLAP_MS / 1_000}S` });
        // A different moment each time, from soon after the rotation to shortly before the end of the overlap.
        const share = (index + 1) / (secrets.length + 1);
        await scene.clock.sleep(began + share * OVERLAP_MS - Date.now());
        receiver.tell({ trust: index + 1 });
        turns.push({ from: began, changedAt: Date.now() });
        await scene.clock.sleep(began + PERIOD_MS - Date.now());
      }
      const open = await scene.records.drained(seconds * 1_000 + DRAIN_MS);
      const report = totalOf(await Promise.all(workers.map((worker) => worker.end())));
      const arrivals = await receiver.end();
      const tally = tallyOf(arrivals, await scene.records.attempts());
      const verified = arrivals.filter(({ signers, trusted }) => signers.includes(trusted)).length;
      const both = arrivals.filter(({ signers }) => signers.length === 2).length;
      const margins = marginsOf(arrivals, turns);
      return {
        trial: "rotation",
        figures: {
          seconds,
          rotations: turns.length,
          overlapMs: OVERLAP_MS,
          verified,
          both,
          ...margins,
          ...tally,
          ...report,
        },
        demands: [
          {
            what: "every request verifies",
            seen: `${verified} of ${arrivals.length}`,
            held: verified === arrivals.length,
          },
          {
            what: "by a secret that changed while requests came",
            seen: `${turns.length} rotations, ${both} requests with two signatures`,
            held: turns.length === count && both > 0,
          },
          { what: "all events are delivered", seen: `${open} open`, held: open === 0 && tally.requests >= events },
          { what: "requests are attempts", seen: `${tally.unmatched} unmatched`, held: tally.unmatched === 0 },
        ],
      };
    }),
  );
}

/** How soon after a rotation every request has the new signature, and for how long it still has the old one. */
function marginsOf(arrivals: readonly Arrival[], turns: readonly Turn[]) {
  const newAfter = turns.map(({ from }, index) => {
    const without = arrivals.filter(
      ({ wallAt, signers }) => wallAt > from && signers.includes(index) && !signers.includes(index + 1),
    );
    return Math.max(0, ...without.map(({ wallAt }) => wallAt - from));
  });
  const oldUntil = turns.map(({ from }, index) => {
    const without = arrivals.filter(({ signers }) => signers.includes(index + 1) && !signers.includes(index));
    return Math.min(...without.map(({ wallAt }) => wallAt - from));
  });
  return { newAfterMs: rounded(Math.max(...newAfter)), oldUntilMs: rounded(Math.min(...oldUntil)) };
}
