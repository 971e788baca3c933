import type { LocalRule } from "./local-rule.js";
import type { Wall } from "./wall.js";

/** One local date-time and no other. */
export function onceRule(at: Wall): LocalRule {
  return {
    after: (wall) => (wall < at ? at : null),
    before: (wall) => (wall > at ? at : null),
  };
}
