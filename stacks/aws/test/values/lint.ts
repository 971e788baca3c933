import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Graph } from "@punctual/stack-testkit";
import { templateOf } from "./template.js";

/** A value that AWS would refuse. */
export interface Finding {
  readonly resource: string;
  readonly type: string;
  /** `Runtime`, `PolicyDocument.Statement.0.Action` */
  readonly property: string;
  readonly rule: string;
  readonly says: string;
}

export type Linted = { readonly skipped: string } | { readonly checked: number; readonly findings: readonly Finding[] };

/**
 * What cannot be asked of a template that nobody deploys: whether what is written out could be a reference (E3502, W3010), and
 * the shapes of ids and ARNs (E115x), as those are made up by whoever recorded the graph. Warnings are looked at, too: an action
 * of IAM that does not exist is one (W3037).
 */
const IGNORED = [...["E3502", "W3010", "E1150", "E1151", "E1152", "E1153", "E1154", "E1155", "E1156", "E1157"], "I"];

interface Match {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

/** Asks cfn-lint, where it is, for the values that a region does not know. */
export function lint(graph: Graph, region: string, command = "cfn-lint"): Linted {
  const { template, origin } = templateOf(graph);
  if (origin.size === 0) return { checked: 0, findings: [] };
  const folder = mkdtempSync(join(tmpdir(), "punctual-values-"));
  try {
    const file = join(folder, "template.json");
    writeFileSync(file, JSON.stringify(template));
    const args = ["--format", "json", "--regions", region, "--ignore-checks", ...IGNORED, "--template", file];
    const { error, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 120_000 });
    if (isMissing(error)) return { skipped: `${command} is not on the PATH` };
    if (error !== undefined) throw error;
    if (!stdout.trim().startsWith("[")) throw new Error(`${command} said: ${stderr || stdout}`);
    const findings = (JSON.parse(stdout) as readonly Match[]).map(({ Rule, Message, Location }) => {
      const [, id = "", , ...path] = Location.Path ?? [];
      const { name = String(id), type = "" } = origin.get(String(id)) ?? {};
      return { resource: name, type, property: path.join("."), rule: Rule.Id, says: Message };
    });
    return { checked: origin.size, findings };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function isMissing(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ENOENT";
}
