import type { Command } from "commander";
import { Unfinished } from "../failure.js";
import { Meter } from "../import/meter.js";
import { reportIn, reportTo } from "../import/report.js";
import { sendLines } from "../import/send.js";
import { sourceOf } from "../input.js";
import { throughApi } from "../options.js";
import { counted, Progress, thousands } from "../progress.js";
import { action, type Context } from "../run.js";

/** `punctual import` */
export function importCommand(program: Command, context: Context): void {
  const command = program.command("import <file>").description("make a schedule of each line of a file (NDJSON)");
  throughApi(command)
    .option("--report <path>", "write refused lines there, as lines of JSON, and not to stderr")
    .action(
      action<{ report?: string }>(context, async ({ terminal, client, signal }, { report: path }, [file = ""]) => {
        const api = client();
        const source = await sourceOf(file, terminal.input);
        const now = () => performance.now();
        const progress = new Progress({ canvas: terminal.canvas, now });
        const report = path === undefined ? reportTo(terminal, progress) : await reportIn(path);
        const meter = new Meter();
        const began = now();
        let refused = 0;
        const draw = () => {
          const done = source.size === null || source.size === 0 ? undefined : meter.bytes / source.size;
          progress.show(meter.lines, "lines", [`${thousands(refused)} refused`], done);
        };
        try {
          const summary = await sendLines(api, {
            ...{ source, meter, signal },
            onPassed: draw,
            onRefused: async (line) => {
              refused++;
              await report.add(line);
            },
          });
          progress.clear();
          const { lines, created, known } = summary;
          if (terminal.json) {
            await terminal.print(JSON.stringify({ lines, created, known, refused: summary.refused }));
          } else if (!terminal.quiet) {
            const took = `${((now() - began) / 1_000).toFixed(1)} s`;
            const counts = [`${thousands(created)} made`, `${thousands(known)} known`, `${thousands(refused)} refused`];
            await terminal.print(`${counted(lines, "line")} in ${took}: ${counts.join(", ")}`);
          }
          if (summary.refused > 0) throw new Unfinished();
        } finally {
          progress.clear();
          await report.close();
        }
      }),
    );
}
