import type { Problem } from "@punctual/core";
import type { z } from "zod";

const MOST = 50;
const LONGEST_STEP = 64;

/** What a schema finds wrong, as the core would say it. */
export function problemsIn(error: z.ZodError, place: readonly string[] = []): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOf(issue, place)).slice(0, MOST);
}

function problemsOf(issue: z.core.$ZodIssue, place: readonly string[]): readonly Problem[] {
  const path = [...place, ...issue.path.map(String)];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ pointer: pointerOf([...path, key]), ...UNKNOWN }));
  }
  return [{ pointer: pointerOf(path), ...wrongWith(issue) }];
}

type Wrong = Pick<Problem, "code" | "message">;

const UNKNOWN: Wrong = { code: "unknown_field", message: "Is not a field here" };
const NO_FORM: Wrong = { code: "not_one_form", message: "Has none of the forms that it may have" };
const BAD_FORMAT: Wrong = { code: "bad_format", message: "Is not written as it should be" };

function wrongWith(issue: z.core.$ZodIssue): Wrong {
  if (issue.code === "invalid_type") return wrongType(issue);
  if (issue.code === "too_big" || issue.code === "too_small") return wrongSize(issue);
  if (issue.code === "invalid_value")
    return { code: "not_a_choice", message: `Must be ${issue.values.map(String).join(" or ")}` };
  if (issue.code === "custom") return saidBy(issue);
  return issue.code === "invalid_union" ? NO_FORM : BAD_FORMAT;
}

/** A rule of the contract's own says itself what is wrong. */
function saidBy({ params: { code, message } = {} }: z.core.$ZodIssueCustom): Wrong {
  return typeof code === "string" && typeof message === "string" ? { code, message } : BAD_FORMAT;
}

function wrongType({ expected, input }: z.core.$ZodIssueInvalidType): Wrong {
  if (input === undefined) return { code: "required", message: "Is required" };
  return WRONG_TYPES[expected] ?? { code: "wrong_type", message: `Must be of the type ${expected}` };
}

const NO_OBJECT = { code: "not_an_object", message: "Must be a JSON object" };

const WRONG_TYPES: Readonly<Record<string, Wrong>> = {
  string: { code: "not_text", message: "Must be text" },
  object: NO_OBJECT,
  record: NO_OBJECT,
  array: { code: "not_a_list", message: "Must be a list" },
  int: { code: "not_a_number", message: "Must be a whole number" },
  number: { code: "not_a_number", message: "Must be a number" },
  boolean: { code: "not_a_boolean", message: "Must be true or false" },
};

function wrongSize(issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): Wrong {
  const [end, bound] = issue.code === "too_big" ? ["most", issue.maximum] : ["least", issue.minimum];
  if (issue.origin === "string") {
    if (end === "least") return { code: "empty", message: "Must not be empty" };
    return { code: "too_long", message: `Must have at most ${bound} characters` };
  }
  if (issue.origin === "array") {
    return { code: end === "most" ? "too_many" : "too_few", message: `Must have at ${end} ${bound} entries` };
  }
  return { code: "out_of_range", message: `Must be at ${end} ${bound}` };
}

/** A JSON Pointer. A name may be megabytes long and anything but text; what is told of it is neither. */
function pointerOf(path: readonly string[]): string {
  return path
    .map((step) => `/${step.slice(0, LONGEST_STEP).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}
