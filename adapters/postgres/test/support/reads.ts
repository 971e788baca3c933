import { MOST_COUNTED } from "@punctual/core";
import * as ended from "../../src/stores/ended-events.js";
import * as stats from "../../src/stores/stats.js";

const NO_ID = "00000000-0000-0000-0000-000000000000";
const AN_HOUR = 3_600_000;
const A_DAY = 86_400_000;

export interface Read {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What stats and streams say to the database, as of now. */
export function readsOf(tenant: string, now = new Date()): Readonly<Record<string, Read>> {
  const ago = (ms: number) => new Date(now.getTime() - ms);
  const page = (after: Date, ...asked: readonly unknown[]): Read => {
    const filter = [...asked, null, null, null].slice(0, 3);
    return { text: ended.PAGE, values: [tenant, after, NO_ID, now, null, 101, ...filter] };
  };
  const counted = (text: string): Read => ({ text, values: [tenant, MOST_COUNTED] });
  return {
    "stats: open": counted(stats.OPEN),
    "stats: ended": counted(stats.ENDED),
    "stats: upcoming": counted(stats.UPCOMING),
    "stats: destinations": counted(stats.DESTINATIONS),
    "stream: a page of now": page(ago(200)),
    "stream: a page of yesterday": page(ago(A_DAY)),
    "stream: a page over months": page(ago(70 * A_DAY)),
    "stream: up to where a filter looks": {
      text: ended.LAST_LOOKED_AT,
      values: [tenant, ago(70 * A_DAY), NO_ID, now, 4_999],
    },
    "stream: a page of what failed": {
      text: ended.PAGE,
      values: [tenant, ago(AN_HOUR), NO_ID, ago(AN_HOUR - 60_000), null, 101, ["FAILED"], null, null],
    },
    "stream: what is settled": { text: ended.SETTLED, values: [] },
  };
}
