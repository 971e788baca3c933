import { at, entriesOf, isUnknown, jsonOf, listOf, oneOrMore, textOf, textsIn } from "./reading.js";

/** A statement of a policy of IAM, or of a resource's own. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `["Service", "lambda.amazonaws.com"]`; `["*", "*"]` is everybody. */
  readonly principals: readonly (readonly [kind: string, who: string])[];
  /** `["StringEquals", "aws:SourceAccount", ["111111111111"]]`. */
  readonly conditions: readonly (readonly [test: string, key: string, values: readonly string[]])[];
  /** What is left is meant, and nobody sees what that is. */
  readonly inverted: boolean;
}

/** What a document says; nothing where it is not known yet. */
export function statementsOf(document: unknown): readonly Statement[] {
  return oneOrMore(at(jsonOf(document), "Statement"))
    .filter((one) => !isUnknown(one))
    .map((one) => ({
      effect: textOf(at(one, "Effect")) ?? "Allow",
      actions: oneOrMore(at(one, "Action")).map(String),
      resources: oneOrMore(at(one, "Resource")).map(String),
      principals: principalsOf(at(one, "Principal")),
      conditions: entriesOf(at(one, "Condition")).flatMap(([test, keys]) =>
        entriesOf(keys).map(([key, values]) => [test, key, oneOrMore(values).map(String)] as const),
      ),
      inverted: ["NotAction", "NotResource", "NotPrincipal"].some((key) => at(one, key) !== undefined),
    }));
}

function principalsOf(principal: unknown): Statement["principals"] {
  if (typeof principal === "string") return isUnknown(principal) ? [] : [["*", principal]];
  return entriesOf(principal).flatMap(([kind, who]) => oneOrMore(who).map((one) => [kind, String(one)] as const));
}

export function hasCondition({ conditions }: Statement, ...keys: readonly string[]): boolean {
  return conditions.some(([, key]) => keys.some((one) => one.toLowerCase() === key.toLowerCase()));
}

/** Whether it refuses everybody who comes without TLS. */
export function refusesPlain(document: unknown): boolean {
  return statementsOf(document).some(
    ({ effect, conditions }) =>
      effect === "Deny" &&
      conditions.some(
        ([test, key, values]) => test === "Bool" && key === "aws:SecureTransport" && values[0] === "false",
      ),
  );
}

/** Something that runs in a container or as a function: what it is made of, and what it is told. */
export interface Piece {
  readonly image: unknown;
  readonly variables: readonly (readonly [name: string, value: unknown])[];
  /** Versions of the secrets that it is given. */
  readonly versions: readonly unknown[];
  readonly startup: unknown;
  readonly liveness: unknown;
  readonly limits: unknown;
}

const CONTAINERS: Readonly<Record<string, string>> = {
  "gcp:cloudrunv2/service:Service": "template.containers",
  "gcp:cloudrunv2/workerPool:WorkerPool": "template.containers",
  "gcp:cloudrunv2/job:Job": "template.template.containers",
  "aws:ecs/taskDefinition:TaskDefinition": "containerDefinitions",
};

export const CONTAINED = Object.keys(CONTAINERS);

export function piecesOf({
  type,
  inputs,
}: {
  readonly type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}): readonly Piece[] {
  if (type === "aws:lambda/function:Function") {
    return [{ ...EMPTY, variables: entriesOf(at(inputs, "environment.variables")) }];
  }
  return listOf(jsonOf(at(inputs, CONTAINERS[type] ?? "none"))).map((one) => {
    const given = listOf(at(one, "envs") ?? at(one, "environment"));
    return {
      image: at(one, "image"),
      variables: given.flatMap((each) => {
        const value = at(each, "value");
        return value === undefined ? [] : [[String(at(each, "name")), value] as const];
      }),
      versions: given.flatMap((each) => at(each, "valueSource.secretKeyRef.version") ?? []),
      startup: at(one, "startupProbe"),
      liveness: at(one, "livenessProbe"),
      limits: at(one, "resources.limits"),
    };
  });
}

const EMPTY: Piece = {
  image: undefined,
  variables: [],
  versions: [],
  startup: undefined,
  liveness: undefined,
  limits: undefined,
};

/** Whether any text of it says the word. */
export function mentions(inputs: unknown, word: RegExp): boolean {
  return textsIn(inputs).some((text) => word.test(text));
}
