import { operations } from "@punctual/api/contract";
import type { Command } from "commander";
import { jsonText, readAnswer } from "../api/read-answer.js";
import { Unfinished } from "../failure.js";
import { instant, throughApi } from "../options.js";
import { action, type Context } from "../run.js";
import { factsOf } from "../table.js";

const LONGEST_S = 600;

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
          const answer = await client().call(operations.reconcile, { query: { from, to } });
          const report = readAnswer(operations.reconcile, answer);
          if (terminal.json) await terminal.print(jsonText(answer));
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
