export { type Finding, violationsIn } from "./check.js";
export { ELSEWHERE, type Elsewhere, NUMBERS } from "./elsewhere.js";
export { type Check, CLOUD_NAMES, type CloudName, type Rule, type Sight, type Violation } from "./rule.js";
export { RULES } from "./rules.js";
export { policyTable } from "./table.js";
export { KNOWN_TYPES } from "./types.js";
