import { runSeed } from "./run-seed.js";
const n = Number(process.argv[2] ?? 100),
  from = Number(process.argv[3] ?? 1);
const t = Date.now();
let bad = 0,
  steps = 0,
  events = 0;
const sum: Record<string, number> = {};
for (let s = from; s < from + n; s++) {
  const r = await runSeed(s);
  steps += r.steps;
  events += r.events;
  for (const [k, v] of Object.entries(r.counts)) sum[k] = (sum[k] ?? 0) + (v as number);
  if (r.violations.length) {
    bad++;
    if (bad < 12) console.log(s, r.violations.slice(0, 3));
  }
}
console.log(n, "seeds", bad, "violations", Date.now() - t, "ms", steps / n, "steps", events / n, "events", sum);
