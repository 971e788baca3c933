import { Conflict, SchedulingError, Unavailable } from "@punctual/adapter-sdk";
import { ErrorReply } from "@redis/client";

/** What Redis answers while it cannot do what it is asked, or does not let us do it. */
const AWAY = new Map([
  ...["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "UNBLOCKED", "NOREPLICAS"].map(
    (code) => [code, "is not ready"] as const,
  ),
  ...["READONLY", "MISCONF"].map((code) => [code, "takes no writes"] as const),
  ...["NOAUTH", "WRONGPASS", "NOPERM"].map((code) => [code, "does not let us in"] as const),
  ["OOM", "is full"] as const,
]);

/** The error of the SDK for what Redis, or the way to it, has said; a bug goes up as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof SchedulingError || error instanceof TypeError) return error;
  if (!(error instanceof ErrorReply)) return new Unavailable("Redis cannot be reached", { cause: error });
  const code = codeOf(error);
  if (code === "WRONGTYPE") {
    return new Conflict(
      "wrong_state",
      "A key of the queue holds something else: choose another PUNCTUAL_TRANSPORT_QUEUE",
    );
  }
  const why = AWAY.get(code);
  return why === undefined ? error : new Unavailable(`Redis ${why} (${code})`, { cause: error });
}

/** Why we were not let in. Redis may repeat what it was asked, a password among it, so its words are left out. */
export function refusal(error: unknown): unknown {
  return error instanceof ErrorReply
    ? new Unavailable(`Redis does not let us in (${codeOf(error)})`)
    : translated(error);
}

/** The word by which Redis tells its errors apart, such as `NOSCRIPT`. */
export function codeOf(error: unknown): string {
  return error instanceof ErrorReply ? (/^[A-Z]+/.exec(error.message)?.[0] ?? "ERR") : "";
}
