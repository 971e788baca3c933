import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { startEmbedded } from "@punctual/adapter-postgres/server";
import { linesOf, neverSeen, violations } from "./report.js";
import { runMatrix } from "./run-matrix.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string" },
    seed: { type: "string" },
    mutant: { type: "string" },
    evidence: { type: "string" },
  },
});
const kills = Number(values.kills ?? 1_000);
const seed = Number(values.seed ?? randomInt(2 ** 31));
if (!Number.isSafeInteger(kills) || kills < 3 || !Number.isSafeInteger(seed)) {
  console.error("Usage: npm run crash -- [--kills N] [--seed S] [--evidence FILE]");
  process.exit(2);
}
/** With fewer kills some place may not have had its turn. */
const ENOUGH = 500;

console.log(`Seed ${seed} (npm run crash -- --kills ${kills} --seed ${seed})`);
// A crash of the server takes nothing from the operating system: what was written before an answer is there without fsync.
const settings = { synchronous_commit: "on", full_page_writes: "on" };
const server = await startEmbedded({ durable: false, settings });
try {
  const report = await runMatrix({
    ...{ server, database: "crash", seed, kills, mutant: values.mutant ?? null },
    crashes: Math.ceil(kills / 200),
    single: Math.max(2, Math.ceil(kills / 100)),
    say: (line) => console.log(line),
  });
  for (const line of linesOf(report)) console.log(line);
  if (values.evidence !== undefined) await writeFile(values.evidence, JSON.stringify(report.evidence));
  const never = kills >= ENOUGH ? neverSeen(report) : [];
  for (const name of never) console.log(`Never seen: ${name}`);
  const broken = violations(report);
  console.log(`${report.kills} kills, ${broken} violations`);
  process.exitCode = broken + never.length === 0 ? 0 : 1;
} finally {
  await server.stop();
}
