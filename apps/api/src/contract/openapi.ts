import { z } from "zod";
import type { Operation, ReplyShape } from "./operation.js";
import { problem } from "./problem.js";

type Json = Readonly<Record<string, unknown>>;

const TITLES: Readonly<Record<number, string>> = {
  400: "Cannot be read.",
  401: "Who asks is not known.",
  403: "Not for this role.",
  404: "Not there, or not yours to know of.",
  408: "The body did not come in time.",
  409: "The state of things forbids it.",
  412: "It has changed meanwhile.",
  413: "Too large.",
  415: "Not this media type.",
  422: "Read, but something in it is wrong.",
  428: "`If-Match` is missing.",
  429: "Too many requests.",
  503: "Something outside is away; try again.",
};

/** OpenAPI 3.1 of the operations, from the very schemas that check their requests. */
export function openApiOf(operations: readonly Operation[], { version }: { readonly version: string }): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of operations) (paths[one.path] ??= {})[one.method] = describe(one);
  return {
    openapi: "3.1.0",
    info: {
      title: "Punctual",
      version,
      description: "Calls a URL at a local time in a time zone, once or again and again, and proves that it did.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components(),
      securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
  };
}

function describe(one: Operation): Json {
  const { id, tag, summary, access, body, bodyOptional } = one;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(access === "anybody" ? { security: [] } : { description: `For ${access.join(", ")}.` }),
    parameters: [...parametersIn("path", one.params), ...parametersIn("query", one.query), ...headersOf(one)],
    ...(body !== undefined && {
      requestBody: {
        required: bodyOptional !== true,
        content: { [mediaTypeOf(one)]: { schema: schemaOf(body, "input") } },
      },
    }),
    responses: Object.fromEntries([
      ...Object.entries(one.reply).map(([status, reply]) => [status, responseOf(reply)]),
      ...refusalsOf(one).map((status) => [status, refusalOf(status)]),
    ]),
  };
}

/** What a change may be written as: a merge patch where the method says so. */
export function mediaTypeOf({ method, lines }: Pick<Operation, "method" | "lines">): string {
  if (lines) return "application/x-ndjson";
  return method === "patch" ? "application/merge-patch+json" : "application/json";
}

/** All statuses with which an operation may say no. */
export function refusalsOf(one: Operation): readonly number[] {
  return [
    ...(one.params !== undefined || (one.body !== undefined && !one.lines) ? [400] : []),
    ...(one.lines ? [415] : one.body === undefined ? [] : [408, 413, 415]),
    ...(one.access === "anybody" ? [] : [401, 403]),
    ...(one.access !== "anybody" || one.body !== undefined || one.params !== undefined ? [422] : []),
    ...(one.ifMatch ? [428] : []),
    ...(one.refusals ?? []),
    ...[429, 503],
  ].sort((a, b) => a - b);
}

function parametersIn(place: "path" | "query", schema: z.ZodObject | undefined): readonly Json[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, type]) => {
    const { description, ...rest } = schemaOf(type as z.ZodType, "input");
    const required = place === "path" || !(type as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema: rest };
  });
}

function headersOf({ ifMatch, idempotent }: Operation): readonly Json[] {
  const text = { type: "string" };
  return [
    ...(ifMatch
      ? [
          {
            name: "If-Match",
            in: "header",
            required: true,
            description: "The `ETag` that you have seen, or `*`.",
            schema: text,
          },
        ]
      : []),
    ...(idempotent
      ? [
          {
            name: "Idempotency-Key",
            in: "header",
            required: false,
            description: "Said again, it is done once.",
            schema: { ...text, maxLength: 255 },
          },
        ]
      : []),
  ];
}

function responseOf({ description, schema, type = "application/json", headers = [] }: ReplyShape): Json {
  const described = headers.map((name) => [name === "etag" ? "ETag" : "Location", { schema: { type: "string" } }]);
  return {
    description,
    ...(headers.length > 0 && { headers: Object.fromEntries(described) }),
    ...(schema !== undefined && { content: { [type]: { schema: schemaOf(schema, "output") } } }),
  };
}

function refusalOf(status: number): Json {
  const content = { "application/problem+json": { schema: schemaOf(problem, "output") } };
  return { description: TITLES[status] ?? "", content };
}

/** Named schemas are told once, and referred to. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, $defs: __, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline" });
  return referring(json) as Json;
}

function components(): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: "any",
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, id: ___, ...json }]) => [name, referring(json)]),
  );
}

/** `#/$defs/Id` of one schema is `#/components/schemas/Id` of the document. */
function referring(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(referring);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) =>
      name === "$ref" && typeof value === "string"
        ? [name, value.replace("#/$defs/", "#/components/schemas/")]
        : [name, referring(value)],
    ),
  );
}
