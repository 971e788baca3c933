import type { ZoneRules } from "@punctual/core";
import { CaseFile } from "./case-file.js";
import { checkFences } from "./check-fences.js";
import { checkLives } from "./check-lives.js";
import { checkRequests, type RequestCounts } from "./check-requests.js";
import { checkSeries } from "./check-series.js";
import type { Evidence } from "./evidence.js";
import { type Recovery, recoveryOf } from "./recovery.js";
import type { Verdict } from "./verdict.js";

export interface Findings {
  readonly verdicts: readonly Verdict[];
  readonly requests: RequestCounts;
  readonly recovery: Recovery;
}

/** Asks the evidence of a run about everything that must never break. */
export function check(evidence: Evidence, zones: ZoneRules): Findings {
  const file = new CaseFile(evidence);
  const { verdicts, counts } = checkRequests(file);
  return {
    verdicts: [...checkSeries(file, zones), ...checkFences(file), ...verdicts, ...checkLives(file)],
    requests: counts,
    recovery: recoveryOf(file),
  };
}
