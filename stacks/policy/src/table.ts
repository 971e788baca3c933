import { ELSEWHERE } from "./elsewhere.js";
import { CLOUD_NAMES, type Rule } from "./rule.js";
import { RULES } from "./rules.js";

interface Row {
  readonly number: number;
  readonly says: string;
  readonly where: string;
}

const ROWS: readonly Row[] = [
  ...RULES.map((rule) => ({ number: rule.number, says: rule.says, where: whereOf(rule) })),
  ...ELSEWHERE,
];

/** Every demand of the catalogue with what holds it, as a table of Markdown. */
export function policyTable(rows: readonly Row[] = ROWS): string {
  const sorted = rows.toSorted((a, b) => a.number - b.number);
  return [
    "| | Says | Is held by |",
    "| --- | --- | --- |",
    ...sorted.map(({ number, says, where }) => `| ${String(number)} | ${says} | ${where} |`),
  ].join("\n");
}

function whereOf({ id, clouds, severity, sees }: Rule): string {
  const only = clouds.length < CLOUD_NAMES.length ? [] : ["both clouds"];
  const remarks = [
    ...only,
    ...(severity === "advisory" ? ["advice"] : []),
    ...(sees === "one" ? ["before it is made"] : []),
    ...(sees === "secrets" ? ["not in packs"] : []),
  ];
  return [`\`${id}\``, ...remarks].join(", ");
}
