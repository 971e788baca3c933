import type { Asked } from "../platforms/platform.js";
import type { Installation } from "./installation.js";

/** Creates schedules, a line each, through the API. */
export async function importLines(account: Asked, lines: readonly object[]): Promise<void> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const report = await account.ask("POST", "/v1/schedules/import", text, { "content-type": "application/x-ndjson" });
  const last = JSON.parse(report.body.trim().split("\n").at(-1) ?? "{}") as Record<string, unknown>;
  if (report.status !== 200 || last["created"] !== lines.length) throw new Error(`import: ${report.body.slice(-500)}`);
}

export async function makeDestination(account: Asked, url: string): Promise<string> {
  const made = await account.ask("POST", "/v1/destinations", { url });
  if (made.status !== 201) throw new Error(made.body);
  return String(made.json()["id"]);
}

/** How many events there are in each state. */
export async function states({ rows }: Pick<Installation, "rows">): Promise<Readonly<Record<string, number>>> {
  const { rows: found } = await rows.query<{ state: string; count: number }>(
    "select state, count(*) as count from events group by 1 union all select state, count(*) from event_history group by 1",
  );
  return Object.fromEntries(found.map(({ state, count }) => [state, Number(count)]));
}
