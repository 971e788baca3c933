export { ConfigError, configOf, type Declared, type ProjectConfig } from "./config.js";
export type { Diagnostic } from "./diagnostics.js";
export type { Call } from "./monitor.js";
export { type Plan, plan, type Planning } from "./plan.js";
export { type Project, readProject, readSettings, stackConfig, stacksOf } from "./project.js";
