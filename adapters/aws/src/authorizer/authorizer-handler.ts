import { type Clock, NO_TELEMETRY, type Telemetry, Unavailable } from "@punctual/core";
import type {
  APIGatewayAuthorizerWithContextResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayTokenAuthorizerEvent,
} from "aws-lambda";
import { wholeApi } from "./execute-api-arn.js";

/**
 * Tells who asks, by the header `authorization` as it came. For what is no token that it trusts it throws an error with the name
 * `Unauthenticated`, and another one where it cannot tell.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>;

export interface Caller {
  readonly subject: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

export type AuthorizerEvent = APIGatewayTokenAuthorizerEvent | APIGatewayRequestAuthorizerEvent;
export type AuthorizerResult = APIGatewayAuthorizerWithContextResult<{
  readonly tenant: string;
  readonly roles: string;
}>;
export type AuthorizerHandler = (event: AuthorizerEvent) => Promise<AuthorizerResult>;

/** Below the 5 s that the function has: one that is cut off takes the keys that it remembers with it. */
const PATIENCE_MS = 4_000;

/**
 * A Lambda authorizer of API Gateway. It promises:
 *   A1. who is known may ask all of the API: API Gateway remembers the policy by the token, and applies it to other routes, too.
 *       What the caller may do there is for the API to say, which looks at the token again;
 *   A2. who is not known is answered 401, for which the error must be `Unauthorized` to the letter;
 *   A3. whatever else happens is an error, answered 500: nobody is let in because the keys are away;
 *   A4. neither the answer nor an error tells anything of the token.
 */
export function authorizerHandler(
  authenticate: Authenticate,
  clock: Pick<Clock, "sleep">,
  telemetry: Telemetry = NO_TELEMETRY,
): AuthorizerHandler {
  const decide = async (event: AuthorizerEvent) => {
    const resource = wholeApi(event.methodArn);
    if (resource === null) throw new TypeError("The event names no method of an API");
    return policyFor(await inTime(authenticate(tokenOf(event)), clock), resource);
  };
  return (event) =>
    decide(event).catch((error: unknown) => {
      // The runtime writes out what is thrown, with its causes: so they are left out (A4).
      if (isUnauthenticated(error)) throw new Error("Unauthorized");
      telemetry.note({ kind: "trouble", where: "authorizer", error });
      throw new Error("Who asks cannot be told");
    });
}

async function inTime<T>(answer: Promise<T>, clock: Pick<Clock, "sleep">): Promise<T> {
  const over = new AbortController();
  const late = async () => {
    await clock.sleep(PATIENCE_MS, over.signal);
    throw new Unavailable(`Nobody could tell who asks within ${PATIENCE_MS} ms`);
  };
  try {
    return await Promise.race([answer, late()]);
  } finally {
    over.abort();
  }
}

/** The header, of a request whose headers are there; one that is there twice says two things, and so nothing. */
function tokenOf(event: AuthorizerEvent): string | undefined {
  if (event.type === "TOKEN") return event.authorizationToken;
  const many = Object.entries(event.multiValueHeaders ?? {}).flatMap(([name, values = []]) =>
    values.map((value) => [name, value] as const),
  );
  const all = many.length > 0 ? many : Object.entries(event.headers ?? {});
  const tokens = all.flatMap(([name, value]) => (name.toLowerCase() === "authorization" ? [value] : []));
  return tokens.length === 1 ? tokens[0] : undefined;
}

function policyFor({ subject, tenant, roles }: Caller, resource: string): AuthorizerResult {
  // A bug in what told it, which must not end in somebody nameless being let in.
  if (![subject, tenant].every((text) => typeof text === "string" && text !== ""))
    throw new TypeError("A caller has no name");
  return {
    principalId: subject,
    policyDocument: {
      Version: "2012-10-17",
      Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: resource }],
    },
    context: { tenant, roles: roles.join(",") },
  };
}

/** By its name: the class is the API's own, and an adapter knows no app. */
function isUnauthenticated(error: unknown): boolean {
  return error instanceof Error && error.name === "Unauthenticated";
}
