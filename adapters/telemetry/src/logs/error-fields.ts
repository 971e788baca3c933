import { redact } from "./redact.js";

const MOST_CAUSES = 5;

/** What a log says of an error: never its other fields, in which drivers keep statements, values and rows. */
export interface ErrorFields {
  readonly error: string;
  readonly code?: string;
  readonly causes?: readonly string[];
}

/** Reads whatever was thrown, which may be anything, and may not want to be read. */
export function errorFields(error: unknown): ErrorFields {
  try {
    const causes = causesOf(error);
    const code = codeOf(error);
    return { error: textOf(error), ...(code !== null && { code }), ...(causes.length > 0 && { causes }) };
  } catch {
    return { error: "an error that cannot be read" };
  }
}

function causesOf(error: unknown): readonly string[] {
  const seen = new Set<unknown>([error]);
  const causes: string[] = [];
  for (let cause = causeOf(error); causes.length < MOST_CAUSES && cause !== undefined; cause = causeOf(cause)) {
    if (seen.has(cause)) break;
    seen.add(cause);
    causes.push(textOf(cause));
  }
  return causes;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === "string" ? redact(error) : `a thrown ${typeof error}`;
  return redact(`${short(error.name)}: ${short(error.message)}`);
}

/** Before anything searches it: a message may have megabytes. */
function short(text: unknown): string {
  return typeof text === "string" ? text.slice(0, 1_000) : "";
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? redact(code.slice(0, 64)) : null;
}
