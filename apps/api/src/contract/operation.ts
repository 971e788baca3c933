import type { z } from "zod";
import type { Role } from "../auth/principal.js";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** Who may call it. `user` is let in to what it owns; which that is, the route knows. */
export type Access = "anybody" | readonly Role[];

export interface ReplyShape {
  readonly description: string;
  /** Left out where there is no body. */
  readonly schema?: z.ZodType;
  readonly type?: "application/json" | "application/x-ndjson" | "text/event-stream" | "text/html" | "*/*";
  readonly headers?: readonly ReplyHeader[];
}

export type ReplyHeader = "etag" | "location";

/** Statuses that say no, beside those that every operation of its kind may answer. */
export type Refusal = 404 | 409 | 412;

/** One route: what checks its requests, gives them their types, and describes them in the OpenAPI document. */
export interface Operation {
  readonly id: string;
  readonly method: Method;
  /** As in OpenAPI: `/v1/schedules/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Whether the body is read line by line, each of them JSON of its own; answered in the same way. */
  readonly lines?: true;
  /** A body that may be left out is taken for `{}`. */
  readonly bodyOptional?: true;
  /** Whether the caller must say, by `If-Match`, which revision it has seen; `*` is any. */
  readonly ifMatch?: true;
  /** Whether an `Idempotency-Key` is heeded. */
  readonly idempotent?: true;
  readonly reply: { readonly [status: number]: ReplyShape };
  readonly refusals?: readonly Refusal[];
}

type Read<S> = S extends z.ZodType ? z.output<S> : undefined;

export type ParamsOf<O extends Operation> = Read<O["params"]>;
export type QueryOf<O extends Operation> = Read<O["query"]>;
export type BodyOf<O extends Operation> = Read<O["body"]>;

/** Keeps the schemas' own types. */
export const operation = <const O extends Operation>(one: O): O => one;
