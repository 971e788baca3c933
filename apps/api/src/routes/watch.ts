import { type EndPlace, isTerminal } from "@punctual/core";
import { watch } from "../contract/index.js";
import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import { type ApiRequest, type Route, route } from "../http/route.js";
import { LONGEST_MS, messagesOf } from "../stream/messages-of.js";
import { Places } from "../stream/places.js";
import { statsView } from "../views/stats-view.js";

export interface WatchOptions {
  /** Aborted when the process stops: streams end, and their clients come back to another one. */
  readonly stopping?: AbortSignal;
  /** How long a stream goes on, after which its client comes back: shorter where answers are held until they are whole. */
  readonly longestStreamMs?: number;
}

const LIMITS = { inAll: 100, perTenant: 10 };
/** A client that reads nothing does not see that its stream has ended, and is cut off. */
const GRACE_MS = 60_000;

export function watchRoutes(
  cursors: Cursors,
  { stopping, longestStreamMs: longestMs = LONGEST_MS }: WatchOptions,
): readonly Route[] {
  const places = new Places(LIMITS);
  return [
    route(watch.stats, {
      perform: ({ principal: { tenant } }, { unitOfWork }) => unitOfWork.run(tenant, ({ stats }) => stats.read()),
      reply: (stats) => ({ status: 200, body: statsView(stats) }),
    }),

    route(watch.stream, {
      perform: async (request, { followEnded, clock }) => {
        const { principal, query, gone } = request;
        const { after: _, state, ...ids } = query;
        const name = JSON.stringify([watch.stream.id, principal.tenant, { state, ...ids }]);
        const told = placeToldBy(request, cursors, name);
        places.take(principal.tenant, gone);
        const states = state === undefined ? undefined : [state].flat().filter(isTerminal);
        const filter = { tenant: principal.tenant, ...given({ ...ids, states }) };
        const from = told ?? (await followEnded.begin(principal.tenant));
        const idOf = ({ finishedAt, id }: EndPlace) => cursors.write(name, `${finishedAt.toISOString()} ${id}`);
        const signal = stopping === undefined ? gone : AbortSignal.any([gone, stopping]);
        const cut = new AbortController();
        void clock.sleep(longestMs + GRACE_MS, gone).then(() => cut.abort());
        return {
          messages: messagesOf({ followEnded, clock }, { filter, from, idOf, longestMs }, signal),
          cut: cut.signal,
        };
      },
      reply: ({ messages, cut }) => ({ status: 200, messages, cut }),
    }),
  ];
}

/** What a client has seen last wins over where it once began: it comes back with the same address. */
function placeToldBy(
  { headers, query: { after } }: Pick<ApiRequest<typeof watch.stream>, "headers" | "query">,
  cursors: Cursors,
  name: string,
): EndPlace | null {
  const last = headers.get("last-event-id") ?? "";
  if (last === "" && after === undefined) return null;
  const place = last === "" ? cursors.read(name, after ?? "", "/after") : cursors.read(name, last, "/last-event-id");
  const [finishedAt = "", id = ""] = place.split(" ");
  return { finishedAt: new Date(finishedAt), id };
}
