import { z } from "zod";
import { exitCodeOf } from "../exit-codes.js";
import { Failure, problemLine } from "../failure.js";
import { printable } from "../terminal.js";

/** As much of a problem (RFC 9457) as is told. */
const problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  code: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })).optional(),
});

const HINTS: Readonly<Record<number, string>> = {
  401: "PUNCTUAL_TOKEN, in the environment, holds the token",
  412: "it has changed meanwhile: look at it again, or say --force",
};

/** A refusal in words. What answers may be something else than the API: a proxy, or the wrong address. */
export function refusalOf(status: number, text: string, url: string): Failure {
  const read = problem.safeParse(parsed(text));
  if (!read.success || read.data.code === undefined) {
    return new Failure(exitCodeOf(status), `${url} answers ${status}, and not as the API does`);
  }
  const { detail, title, code, requestId, errors = [] } = read.data;
  const lines = errors.map(problemLine);
  const hint = HINTS[status];
  const more = [...lines, ...(hint === undefined ? [] : [hint]), ...(status >= 500 ? [`request ${requestId}`] : [])];
  return new Failure(exitCodeOf(status), printable(`${detail ?? title ?? status} (${code})`), more.map(printable));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
