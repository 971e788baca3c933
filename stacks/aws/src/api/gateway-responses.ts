interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** A text in quotes, or a variable of the gateway that is one. */
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const refusal = (status: number, code: string, title: string, detail: string, headers = {}): Refusal => ({
  ...{ status, code, title, headers },
  detail: detail.startsWith("$") ? detail : JSON.stringify(detail),
});

const broken = (status: number, title: string) => refusal(status, "internal", title, "Something went wrong here");
const later = { "Retry-After": "'1'" };

/** Everything that a gateway says by itself, in the application's own codes. All are named: a template does not know its status. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ACCESS_DENIED: refusal(403, "forbidden", "Forbidden", "This is not for you"),
  API_CONFIGURATION_ERROR: broken(500, "Internal Server Error"),
  AUTHORIZER_CONFIGURATION_ERROR: broken(500, "Internal Server Error"),
  AUTHORIZER_FAILURE: broken(500, "Internal Server Error"),
  BAD_REQUEST_BODY: refusal(400, "malformed_body", "Bad Request", "The body cannot be read"),
  BAD_REQUEST_PARAMETERS: refusal(422, "invalid_input", "Unprocessable Entity", "$context.error.messageString"),
  EXPIRED_TOKEN: refusal(403, "forbidden", "Forbidden", "This is not for you"),
  INTEGRATION_FAILURE: refusal(504, "unavailable", "Gateway Timeout", "Something that is needed is away; try again"),
  INTEGRATION_TIMEOUT: refusal(504, "unavailable", "Gateway Timeout", "It took too long; try again"),
  INVALID_API_KEY: refusal(403, "forbidden", "Forbidden", "This is not for you"),
  INVALID_SIGNATURE: refusal(403, "forbidden", "Forbidden", "This is not for you"),
  // What it says of a path or a method that it does not know.
  MISSING_AUTHENTICATION_TOKEN: refusal(404, "no_such_route", "Not Found", "There is nothing here"),
  QUOTA_EXCEEDED: refusal(429, "too_often", "Too Many Requests", "More requests than there may be", later),
  REQUEST_TOO_LARGE: refusal(413, "too_large", "Payload Too Large", "The body is too large"),
  RESOURCE_NOT_FOUND: refusal(404, "no_such_route", "Not Found", "There is nothing here"),
  THROTTLED: refusal(429, "too_often", "Too Many Requests", "More requests than there may be", later),
  UNAUTHORIZED: refusal(401, "unauthenticated", "Unauthorized", "Who asks is not known", {
    "WWW-Authenticate": "'Bearer'",
  }),
  UNSUPPORTED_MEDIA_TYPE: refusal(415, "unsupported_media_type", "Unsupported Media Type", "Not this media type"),
  WAF_FILTERED: refusal(403, "blocked", "Forbidden", "The firewall lets this request not through"),
};

/** For what is added to them one day. Their status is left as it is: set here, it would be that of all the others. */
const DEFAULTS: Readonly<Record<string, Refusal>> = {
  DEFAULT_4XX: refusal(400, "refused", "Bad Request", "$context.error.messageString"),
  DEFAULT_5XX: broken(500, "Internal Server Error"),
};

/** The gateway's own answers, as problems of RFC 9457 that pages of ours may read. */
export function gatewayResponses(origins: readonly string[]): Readonly<Record<string, object>> {
  const of = (refusals: typeof REFUSALS, fixed: boolean) =>
    Object.entries(refusals).map(([type, one]) => [type, responseOf(one, origins, fixed)] as const);
  return Object.fromEntries([...of(REFUSALS, true), ...of(DEFAULTS, false)]);
}

function responseOf({ status, code, title, detail, headers }: Refusal, origins: readonly string[], fixed: boolean) {
  const all = {
    "Content-Type": "'application/problem+json'",
    "Cache-Control": "'no-store'",
    ...headers,
    ...of(origins),
  };
  const facts = JSON.stringify({ type: `about:blank#${code}`, title, status, code }).slice(0, -1);
  return {
    ...(fixed && { statusCode: String(status) }),
    responseParameters: Object.fromEntries(
      Object.entries(all).map(([name, value]) => [`gatewayresponse.header.${name}`, value]),
    ),
    // Templates are chosen by what a caller accepts, and few ask for problems: the header above says what it is.
    responseTemplates: { "application/json": `${facts},"detail":${detail},"requestId":"$context.requestId"}` },
  };
}

/** An answer that is no program can name one origin: pages of the others see such a refusal as a network that failed. */
function of([first]: readonly string[]): Readonly<Record<string, string>> {
  return first === undefined
    ? {}
    : {
        "Access-Control-Allow-Origin": `'${first}'`,
        "Access-Control-Expose-Headers": "'Retry-After'",
        Vary: "'Origin'",
      };
}
