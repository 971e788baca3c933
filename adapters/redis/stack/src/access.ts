/** Who logs in, where Redis knows users. */
export const USER = "punctual";

/** What that user may do: as much as docs/redis.md says, on the keys of the queue by its usual name. */
export const ACCESS = "on ~{punctual}* -@all +@connection +@stream +@sortedset +@scripting +info +type +time";

/** The user that everybody would be who says no name. */
export const NOBODY = "off -@all";

/** As `PUNCTUAL_TRANSPORT_REDIS_URL` wants it. */
export function urlOf(to: {
  readonly user?: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
}): string {
  return `rediss://${to.user ?? ""}:${encodeURIComponent(to.password)}@${to.host}:${String(to.port)}`;
}
