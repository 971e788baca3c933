import { operations } from "@punctual/api/contract";
import type { Command } from "commander";
import { readAnswer } from "../api/read-answer.js";
import { Unfinished } from "../failure.js";
import { instant, throughApi } from "../options.js";
import { action, type Context } from "../run.js";
import { factsOf } from "../table.js";

/** Of one part. */
const LONGEST_S = 120;
/** Schedules in a part: so many take some seconds. */
const AT_ONCE = 1_000;

interface ReconcileOptions {
  readonly from: string;
  readonly to: string;
}

/** `punctual reconcile` */
export function reconcileCommand(program: Command, context: Context): void {
  const command = program.command("reconcile").description("compare what should have happened with what did");
  throughApi(command)
    .requiredOption("--from <instant>", "the start of the window", instant)
    .requiredOption("--to <instant>", "its end", instant)
    .action(
      action<ReconcileOptions>(
        context,
        async ({ client, terminal }, { from, to }) => {
          const report = await wholeOf(async (cursor) => {
            const query = { from, to, limit: AT_ONCE, ...(cursor !== undefined && { cursor }) };
            return readAnswer(operations.reconcile, await client().call(operations.reconcile, { query }));
          });
          if (terminal.json) await terminal.print(JSON.stringify(report));
          else {
            const { expected, delivered, failed, cancelled, skipped, open, difference } = report;
            const reasons = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
            const facts = {
              expected,
              delivered,
              failed,
              cancelled,
              skipped: reasons.join(", ") || 0,
              open,
              difference,
            };
            await terminal.print(factsOf(facts, terminal));
            for (const id of report.missing) await terminal.print(`missing     ${id}`);
            for (const id of report.unexpected) await terminal.print(`unexpected  ${id}`);
          }
          if (report.difference !== 0) throw new Unfinished();
        },
        { timeoutSeconds: LONGEST_S }, // it reads all schedules
      ),
    );
}

interface Report {
  readonly expected: number;
  readonly delivered: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly open: number;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly difference: number;
}

type Part = Report & { readonly nextCursor?: string | undefined };

/** The sums of all parts. */
async function wholeOf(partFrom: (cursor: string | undefined) => Promise<Part>): Promise<Report> {
  let { nextCursor, ...sum }: Part = await partFrom(undefined);
  while (nextCursor !== undefined) {
    const { nextCursor: further, ...part } = await partFrom(nextCursor);
    sum = added(sum, part);
    nextCursor = further;
  }
  return sum;
}

function added(one: Report, other: Report): Report {
  const reasons = [...new Set([...Object.keys(one.skipped), ...Object.keys(other.skipped)])];
  return {
    expected: one.expected + other.expected,
    delivered: one.delivered + other.delivered,
    failed: one.failed + other.failed,
    cancelled: one.cancelled + other.cancelled,
    skipped: Object.fromEntries(reasons.map((name) => [name, (one.skipped[name] ?? 0) + (other.skipped[name] ?? 0)])),
    open: one.open + other.open,
    missing: [...one.missing, ...other.missing],
    unexpected: [...one.unexpected, ...other.unexpected],
    difference: one.difference + other.difference,
  };
}
