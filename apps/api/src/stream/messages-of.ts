import {
  type Clock,
  type EndPlace,
  type FollowedPage,
  type FollowEnded,
  type FollowRequest,
  Unavailable,
} from "@punctual/core";
import { given } from "../given.js";
import { toJson } from "../http/reply.js";
import { eventView } from "../views/event-view.js";

export interface StreamDeps {
  readonly followEnded: FollowEnded;
  readonly clock: Clock;
}

export interface Stream {
  readonly filter: Omit<FollowRequest, "limit" | "after" | "before">;
  readonly from: EndPlace;
  /** The place as the client is told it. */
  readonly idOf: (place: EndPlace) => string;
  readonly longestMs: number;
}

/** How soon a client comes back by itself. */
const RETRY_MS = 2_000;
const POLL_MS = 1_000;
/** Proxies close what is silent for long. */
const SILENT_MS = 15_000;
/** A client comes back with a token that is good now. */
export const LONGEST_MS = 15 * 60_000;
/** How long the store may be away. */
const AWAY_MS = 30_000;
const PAGE = 100;

/**
 * The messages of a stream, made as they are taken: the store is the buffer, and while nobody takes any nothing is read.
 * They end, between two pages, when the signal is aborted.
 */
export async function* messagesOf(
  { followEnded, clock }: StreamDeps,
  { filter, from, idOf, longestMs }: Stream,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const began = clock.monotonic();
  let place = from;
  let before: Date | undefined;
  let [told, reached] = [began, began];
  yield `retry: ${RETRY_MS}\nid: ${idOf(place)}\n\n`;
  const goesOn = () => !signal.aborted && clock.monotonic() - began < longestMs;
  while (goesOn()) {
    const asked: FollowRequest = { ...filter, limit: PAGE, after: place, ...given({ before }) };
    const page = await unlessAway(followEnded.next(asked));
    if (page === null && clock.monotonic() - reached >= AWAY_MS) return;
    if (!goesOn()) return;
    if (page !== null) {
      reached = clock.monotonic();
      place = page.place;
      before = page.complete ? undefined : page.before;
    }
    if (page !== null && page.events.length > 0) {
      yield page.events.map((event) => messageOf(event, idOf)).join("");
      told = clock.monotonic();
    } else if (clock.monotonic() - told >= SILENT_MS) {
      // An id without data is no message, and yet where the client goes on: what was passed over is not read again.
      yield `:\nid: ${idOf(place)}\n\n`;
      told = clock.monotonic();
    }
    if (page === null || page.complete) await clock.sleep(POLL_MS, signal);
  }
}

function messageOf(event: FollowedPage["events"][number], idOf: Stream["idOf"]): string {
  const { finishedAt, id } = event;
  if (finishedAt === null) throw new Error(`Event ${id} has not ended`);
  return `id: ${idOf({ finishedAt, id })}\nevent: ended\ndata: ${toJson(eventView(event))}\n\n`;
}

/** The store may be away for a moment. */
async function unlessAway(page: Promise<FollowedPage>): Promise<FollowedPage | null> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}
