import type { TransportCapabilities } from "@punctual/core";
import { type Case, transportCases, type TransportHarness } from "@punctual/core/conformance";
import { API_VERSION } from "../define-transport.js";

export interface RunOptions {
  /** Of a promise (`T3`) or of a case (`T3.2`); left out, all. */
  readonly only?: string | undefined;
}

export interface CaseReport {
  readonly id: string;
  readonly promise: string;
  readonly title: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** What the adapter lacks for it, or what went wrong; null where it passed. */
  readonly reason: string | null;
  readonly ms: number;
}

export interface ConformanceReport {
  readonly name: string;
  readonly apiVersion: number;
  readonly capabilities: TransportCapabilities;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cases: readonly CaseReport[];
}

/** What a case may take where the harness does not say. */
const TIMEOUT_MS = 60_000;

/** Asks a transport all that the suite asks, with no test runner. What is broken is told, never thrown. */
export async function runConformance(harness: TransportHarness, { only }: RunOptions = {}): Promise<ConformanceReport> {
  const all = transportCases(harness);
  const cases = only === undefined ? all : all.filter(({ id, promise }) => id === only || promise === only);
  if (cases.length === 0) throw new RangeError(`No promise and no case has the id ${String(only).slice(0, 64)}`);
  const timeoutMs = harness.timeoutMs ?? TIMEOUT_MS;
  const reports = new Map<Case, CaseReport>();
  const waiting = cases.values();
  const work = async () => {
    for (const one of waiting) reports.set(one, await reportOn(one, timeoutMs));
  };
  await Promise.all(Array.from({ length: harness.atOnce ?? 1 }, work));
  const inOrder = cases.flatMap((one) => reports.get(one) ?? []);
  const count = (of: CaseReport["outcome"]) => inOrder.filter(({ outcome }) => outcome === of).length;
  const { capabilities } = harness;
  return {
    name: capabilities.name,
    apiVersion: API_VERSION,
    capabilities,
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    cases: inOrder,
  };
}

async function reportOn(one: Case, timeoutMs: number): Promise<CaseReport> {
  const { id, promise, title, lack } = one;
  if (lack !== null) return { id, promise, title, outcome: "skipped", reason: lack, ms: 0 };
  const start = performance.now();
  const reason = await within(one.run(), timeoutMs).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const ms = Math.round(performance.now() - start);
  return { id, promise, title, outcome: reason === null ? "passed" : "failed", reason, ms };
}

/** Looks again and again, which also keeps a process alive that waits for nothing else. */
async function within(running: Promise<void>, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    if (performance.now() >= end) reject(new Error(`not done within ${timeoutMs} ms`));
  }, 20);
  try {
    await Promise.race([running, late]);
  } finally {
    clearInterval(timer);
  }
}
