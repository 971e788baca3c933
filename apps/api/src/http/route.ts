import type { BodyOf, Operation, ParamsOf, QueryOf } from "../contract/operation.js";
import type { Principal } from "../auth/principal.js";
import type { UseCases } from "../use-cases.js";
import type { Reply } from "./reply.js";

/** A request that its operation's schemas have let pass. */
export interface ApiRequest<O extends Operation = Operation> {
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  /** The body as the text it came as. */
  readonly text: string;
  /** Of a body that is read line by line. */
  readonly lines: AsyncIterable<string>;
  readonly headers: Headers;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborted when the client has gone, or has its answer. */
  readonly gone: AbortSignal;
  /** What `If-Match` says; undefined where any revision will do. */
  readonly revision: number | undefined;
}

/** What is done for an operation, and what is said then. */
export interface Deed<O extends Operation, R> {
  perform(request: ApiRequest<O>, useCases: UseCases): Promise<R>;
  /** Pure: where an idempotency key is heeded it is asked within the transaction, to be kept with its effect. */
  reply(result: R, request: ApiRequest<O>): Reply;
  /**
   * What a repeated request is told, made of what the use case's transaction gives: for where that is not yet what the use
   * case gives, or where something is told only once. Left out, it is the reply.
   */
  kept?(stored: unknown): Reply;
  /** What the schemas cannot see is wrong with a body: throws, so that one answer tells all. */
  judge?(request: Pick<ApiRequest, "body" | "text">, useCases: UseCases): void;
}

export interface Route {
  readonly operation: Operation;
  readonly deed: Deed<Operation, unknown>;
}

export function route<O extends Operation, R>(operation: O, deed: Deed<O, R>): Route {
  // What is read by the operation's own schemas is of the deed's own types.
  return { operation, deed };
}
