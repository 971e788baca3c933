import type { BenchReport, CaseReport, ConformanceReport } from "@punctual/adapter-sdk/conformance";
import type { Command } from "commander";
import { Unfinished, usage } from "../failure.js";
import { whole } from "../options.js";
import { action, type Context } from "../run.js";
import { factsOf, tableOf } from "../table.js";
import { printable, type Terminal } from "../terminal.js";

interface ConformanceOptions {
  readonly only?: string;
  readonly bench?: boolean;
  readonly messages?: number;
}

const SIGNS = { passed: "✓", failed: "✗", skipped: "-" } as const;
const LONGEST_REASON = 160;

/** `punctual conformance` */
export function conformanceCommand(program: Command, context: Context): void {
  program
    .command("conformance <adapter>")
    .description("ask a transport (its package, or the path of its harness) all that a transport promises")
    .option("--only <id>", "one promise (T3) or one case (T3.2)")
    .option("--bench", "measure it as well, after it was asked")
    .option("--messages <number>", "how many the bench sends (1000)", whole({ min: 1, max: 1_000_000 }))
    .action(
      action<ConformanceOptions>(context, async ({ terminal }, { only, bench, messages = 1_000 }, [adapter = ""]) => {
        // What asks has an assertion library with it, and other commands start without.
        const kit = await import("@punctual/adapter-sdk/conformance");
        const { BadTransport } = await import("@punctual/adapter-sdk");
        const harness = await kit.loadHarness(adapter, context.env, process.cwd()).catch((error: unknown) => {
          throw error instanceof BadTransport ? usage(`${adapter} cannot be asked`, error.problems) : error;
        });
        const report = await kit.runConformance(harness, { only }).catch((error: unknown) => {
          throw error instanceof RangeError ? usage(error.message) : error;
        });
        const measured = bench === true ? await kit.benchTransport(harness, { messages }) : undefined;
        if (terminal.json) {
          await terminal.print(JSON.stringify({ ok: report.failed === 0, ...report, bench: measured }));
        } else await show(terminal, report, measured);
        if (report.failed > 0) throw new Unfinished();
      }),
    );
}

async function show(terminal: Terminal, report: ConformanceReport, bench: BenchReport | undefined): Promise<void> {
  const rows = report.cases.map(({ id, outcome, ms, title, reason }) => {
    const shown = outcome === "skipped" ? "" : ms;
    return [SIGNS[outcome], id, shown, outcome === "skipped" ? `${title} (skipped: ${reason ?? ""})` : title];
  });
  await terminal.print(tableOf(["", "case", "ms", "what it asks"], rows, terminal));
  for (const one of report.cases) if (one.outcome === "failed") await terminal.print(failureLine(one));
  const { name, apiVersion, passed, failed, skipped } = report;
  terminal.say(`${printable(name)}, version ${apiVersion}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (bench === undefined) return;
  const { sendPerSecond, deliverPerSecond, wayMs } = bench;
  const facts = { "sent/s": sendPerSecond, "delivered/s": deliverPerSecond, "p50 ms": wayMs.p50, "p99 ms": wayMs.p99 };
  await terminal.print(factsOf(facts, terminal));
}

function failureLine({ id, reason }: CaseReport): string {
  const [line = ""] = (reason ?? "").split("\n");
  return `${id}: ${printable(line.slice(0, LONGEST_REASON))}`;
}
