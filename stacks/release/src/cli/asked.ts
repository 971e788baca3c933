import { parseArgs } from "node:util";

export const COMMANDS = ["plan", "deploy", "shift", "verify", "rollback"] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What somebody has asked for. */
export interface Asked {
  readonly command: CommandName;
  readonly stack: string;
  readonly cloud: string;
  readonly environment: string;
  readonly artifacts: string;
  readonly approvedBy?: string;
  readonly because: string;
  readonly contract: boolean;
  readonly despiteAlarms: boolean;
  readonly dryRun: boolean;
  readonly resume: boolean;
  readonly journal?: string;
}

export type Reading =
  | { readonly kind: "asked"; readonly asked: Asked }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly wrong: readonly string[] };

const OPTIONS = {
  stack: { type: "string" },
  artifacts: { type: "string", default: "artifacts" },
  "approved-by": { type: "string" },
  because: { type: "string", default: "by hand" },
  contract: { type: "boolean", default: false },
  "despite-alarms": { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  resume: { type: "boolean", default: false },
  journal: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** Options that say something to some commands alone. */
const OF: Readonly<Record<string, readonly CommandName[]>> = {
  "approved-by": ["deploy", "shift"],
  because: ["rollback"],
  contract: ["deploy", "shift"],
  "despite-alarms": ["deploy", "shift"],
  "dry-run": ["deploy", "shift", "rollback"],
  resume: ["deploy", "shift"],
};

export function read(args: readonly string[], stackOf: (name: string) => StackReading): Reading {
  const parsed = parse(args);
  if (typeof parsed === "string") return { kind: "wrong", wrong: [parsed] };
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  const command = COMMANDS.find((one) => one === positionals[0]);
  const { ok: stack, wrong: wrongStack = [] } = values.stack === undefined ? NO_STACK : stackOf(values.stack);
  const wrong = [
    ...(command === undefined || positionals.length > 1
      ? [`one of ${COMMANDS.join(", ")} is asked for, and not ${positionals.join(" ")}`]
      : []),
    ...wrongStack,
    ...Object.entries(OF)
      .filter(([name, commands]) => isGiven(args, name) && command !== undefined && !commands.includes(command))
      .map(([name, commands]) => `--${name} says nothing to ${String(command)}; it is of ${commands.join(" and ")}`),
  ];
  if (command === undefined || stack === undefined || wrong.length > 0) return { kind: "wrong", wrong };
  const { "approved-by": approvedBy, journal } = values;
  return {
    kind: "asked",
    asked: {
      ...{ command, stack: values.stack ?? "", ...stack },
      ...{ artifacts: values.artifacts, because: values.because, contract: values.contract, resume: values.resume },
      ...{ despiteAlarms: values["despite-alarms"], dryRun: values["dry-run"] },
      ...(approvedBy !== undefined && { approvedBy }),
      ...(journal !== undefined && { journal }),
    },
  };
}

export type StackReading = {
  readonly ok?: { readonly cloud: string; readonly environment: string };
  readonly wrong?: readonly string[];
};

const NO_STACK: StackReading = { wrong: ["--stack says which one, such as aws-production"] };

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isGiven(args: readonly string[], name: string): boolean {
  return args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
}
