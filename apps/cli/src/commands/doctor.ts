import type { Command } from "commander";
import { checkApi } from "../doctor/api.js";
import type { Check } from "../doctor/check.js";
import { checkDatabase } from "../doctor/database.js";
import { checkMachine } from "../doctor/machine.js";
import { Unfinished } from "../failure.js";
import { throughApi } from "../options.js";
import { action, type Context } from "../run.js";
import { printable } from "../terminal.js";

const SIGNS = { ok: "✓", failed: "✗", skipped: "-" } as const;
const COLORS = { ok: "green", failed: "red", skipped: "dim" } as const;

/** `punctual doctor` */
export function doctorCommand(program: Command, context: Context): void {
  const command = program.command("doctor").description("check what Punctual needs, and say what to do");
  throughApi(command).action(
    action(
      context,
      async (run, options) => {
        const { terminal } = run;
        const isGiven = options.api !== undefined || run.config.apiUrl !== undefined;
        const checks: readonly Check[] = [
          ...checkMachine(),
          ...(await checkDatabase(run)),
          ...(await checkApi(run.client(), { isGiven })),
        ];
        const failed = checks.filter(({ state }) => state === "failed").length;
        if (terminal.json) await terminal.print(JSON.stringify({ ok: failed === 0, checks }));
        else for (const check of checks) await terminal.print(textOf(check));
        if (failed > 0) throw new Unfinished();

        function textOf({ name, state, detail, fix }: Check): string {
          const line = `${terminal.style(COLORS[state], SIGNS[state])} ${name}: ${printable(detail)}`;
          return fix === undefined ? line : `${line}\n    ${printable(fix)}`;
        }
      },
      { timeoutSeconds: 10 },
    ),
  );
}
