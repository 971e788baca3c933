import { InvalidInput, type Problem } from "@punctual/core";
import { z } from "zod";
import type { Operation } from "../contract/index.js";
import { problemsIn } from "./problems-in.js";
import { Refused } from "./refused.js";
import type { ApiRequest } from "./route.js";

export interface Given {
  readonly params: Readonly<Record<string, string>>;
  readonly search: URLSearchParams;
  readonly body: unknown;
}

/**
 * What is given, read by the operation's schemas. All that is wrong is told in one answer: what the schemas find, and what
 * `judge` finds that they cannot see, which is told of a field where both have something to say.
 */
export function readRequest(
  operation: Operation,
  given: Given,
  judge: () => void,
): Pick<ApiRequest, "params" | "query" | "body"> {
  const params = operation.params?.safeParse({ ...given.params }, HOW);
  // A path that cannot be read names nothing.
  if (params?.success === false) throw new Refused(404, "not_found", "There is nothing of this name");
  const query = queryOf(operation)?.safeParse(fieldsOf(given.search), HOW);
  const body = operation.lines ? undefined : operation.body?.safeParse(given.body, HOW);
  const found = [query, body].flatMap((one) => (one?.success === false ? problemsIn(one.error) : []));
  if (found.length > 0) {
    const judged = body?.success === false ? problemsOf(judge) : [];
    const told = new Set(judged.map(({ pointer }) => pointer));
    throw new InvalidInput([...judged, ...found.filter(({ pointer }) => !told.has(pointer))]);
  }
  return { params: params?.data, query: query?.data as ApiRequest["query"], body: body?.data };
}

/** A parameter that nobody reads is a slip; but what anybody may ask, machines ask with parameters of their own. */
function queryOf({ query, access }: Operation): z.ZodType | undefined {
  return query ?? (access === "anybody" ? undefined : NO_PARAMETERS);
}

const NO_PARAMETERS = z.strictObject({});

/** What is missing is told from what is wrong by what was there. */
const HOW = { reportInput: true };

function problemsOf(judge: () => void): readonly Problem[] {
  try {
    judge();
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}

/** A field that is given several times is a list. */
function fieldsOf(search: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const names = [...new Set(search.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = search.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}
