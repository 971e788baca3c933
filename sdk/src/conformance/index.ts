export {
  type Case,
  describeTransport,
  type OpenTransport,
  type Runner,
  transportCases,
  type TransportHarness,
} from "@punctual/core/conformance";
export { type BrokenTransport, BROKEN_TRANSPORTS } from "./broken/index.js";
export { memoryHarness } from "./memory-harness.js";
export { type CaseReport, type ConformanceReport, runConformance, type RunOptions } from "./run-conformance.js";
export { type BenchOptions, type BenchReport, benchTransport } from "./bench-transport.js";
export { loadHarness } from "./load-harness.js";
export { type MachineTime, machineTime } from "./machine-time.js";
