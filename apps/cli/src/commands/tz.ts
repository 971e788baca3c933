import { NO_FAILPOINTS, NO_TELEMETRY, RecomputeZones } from "@punctual/core";
import type { Command } from "commander";
import { databaseOf } from "../database.js";
import { counted, Progress, thousands } from "../progress.js";
import { action, type Context } from "../run.js";
import { tableOf } from "../table.js";

interface RecomputeOptions {
  readonly dryRun?: boolean;
  readonly tenant: string;
}

/** `punctual tz …` */
export function tzCommand(program: Command, context: Context): void {
  const group = program.command("tz").description("keep events in step with the time zone data");
  group
    .command("recompute")
    .description("move the open events of PUNCTUAL_DATABASE_URL to where the zone data of this program put them")
    .option("--dry-run", "tell what would move, and change nothing")
    .option("--tenant <name>", "whose events", "main")
    .action(
      action<RecomputeOptions>(context, async (run, { dryRun = false, tenant }) => {
        const { terminal } = run;
        const { databaseParts } = await import("../container.js");
        const { stores, unitOfWork, recurrence } = await databaseParts(await databaseOf(run));
        const progress = new Progress({ canvas: terminal.canvas, now: () => performance.now() });
        try {
          await stores.check();
          const recompute = new RecomputeZones({
            ...{ unitOfWork, recurrence },
            ...{ telemetry: NO_TELEMETRY, failpoints: NO_FAILPOINTS },
          });
          const report = await recompute.run({
            ...{ tenant, dryRun },
            onSchedule: ({ schedules, moved }) => progress.show(schedules, "schedules", [`${thousands(moved)} moved`]),
          });
          progress.clear();
          if (terminal.json) return await terminal.print(JSON.stringify({ ...report, dryRun }));
          const rows = report.moved.map(({ id, timeZone, from, to }) => [
            ...[id, timeZone, from.toISOString(), to?.toISOString() ?? "gone"],
          ]);
          if (rows.length > 0) await terminal.print(tableOf(["EVENT", "ZONE", "FROM", "TO"], rows, terminal));
          const verb = dryRun ? "would move" : "moved";
          const counts = `${counted(rows.length, "event")} ${verb}, of ${counted(report.schedules, "schedule")}`;
          terminal.say(`${counts}, by the zone data ${report.tzdata}`);
        } finally {
          progress.clear();
          await stores.close();
        }
      }),
    );
}
