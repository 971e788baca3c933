import { Refused } from "./refused.js";

export const etagOf = (revision: number): string => `"${revision}"`;

/** The revision that `If-Match` names; undefined for `*`, which is any. */
export function revisionIn(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "") {
    throw new Refused(428, "if_match_required", "`If-Match` must say which revision you have seen, or `*`");
  }
  const text = ifMatch.trim();
  if (text === "*") return undefined;
  const revision = /^"(0|[1-9]\d{0,14})"$/.exec(text)?.[1];
  if (revision === undefined) throw new Refused(412, "stale_revision", "`If-Match` names no revision of this");
  return Number(revision);
}
