import { SchedulingError, Unavailable } from "@punctual/core";

/** What AWS calls a caller who asks too often, by any of its services. */
const THROTTLED = new Set([
  ...[
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "SlowDown",
  ],
  ...["ProvisionedThroughputExceededException", "RequestThrottled", "RequestThrottledException", "ThrottledException"],
  ...["Throttling", "ThrottlingException", "TooManyRequestsException", "OverLimit", "KmsThrottled", "KMSThrottling"],
]);

/** Credentials that are missing, have expired, or do not suffice: to be put right outside, and then the same call succeeds. */
const REFUSED = new Set([
  ...["ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed", "TokenProviderError"],
  ...["UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "InvalidSignatureException"],
  ...["SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException", "CredentialsProviderError"],
  ...["MissingAuthenticationToken", "MissingAuthenticationTokenException", "OptInRequired", "NotAuthorized"],
  ...["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "KmsAccessDenied", "KMSAccessDeniedException"],
]);

/** What Node and the SDK say when there is no service, or no answer. */
const BROKEN =
  /ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPROTO|^(?:HPE|CERT|ERR_TLS|ERR_SSL)_|^(?:TimeoutError|NetworkingError)$/;

const MISSING = new Set(["ResourceNotFoundException", "NotFoundException", "QueueDoesNotExist", "NonExistentQueue"]);

/** The error that the core knows for what an AWS service, or the way to it, has said; a bug goes up as it is. */
export function translated(error: unknown, service: string): unknown {
  if (error instanceof SchedulingError) return error;
  const why = whyAway(error);
  return why === null ? error : new Unavailable(`${service} ${why}`, { cause: error });
}

/** Whether the service says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return MISSING.has(nameOf(error));
}

/** The name by which AWS tells its errors apart, such as `ThrottlingException`; empty where there is none. */
export function nameOf(error: unknown): string {
  const name = textOf(error, "name");
  // Older protocols put `AWS.SimpleQueueService.` before it.
  return name.slice(name.lastIndexOf(".") + 1);
}

function whyAway(error: unknown): string | null {
  const [name, status] = [nameOf(error), statusOf(error)];
  if (THROTTLED.has(name) || status === 429) return "asks to be asked less often";
  if (REFUSED.has(name) || status === 401) return `refused the credentials of this process (${name})`;
  // Before the family of the status: what a proxy on the way answers has no name that AWS gave it.
  if (status >= 500) return `failed with status ${status}`;
  if (BROKEN.test(textOf(error, "code")) || BROKEN.test(name)) return "cannot be reached";
  return null;
}

/** The status of the answer, which the SDK keeps in one place if it could read the answer, and in another if not; or 0. */
function statusOf(error: unknown): number {
  const status =
    fieldOf(fieldOf(error, "$metadata"), "httpStatusCode") ?? fieldOf(fieldOf(error, "$response"), "statusCode");
  return typeof status === "number" ? status : 0;
}

function textOf(error: unknown, name: string): string {
  const value = fieldOf(error, name);
  return typeof value === "string" ? value : "";
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
