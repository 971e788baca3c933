import { Webhook } from "standardwebhooks";
import { type Answer, Broken, type Fields, itemsIn, NotAsked } from "../installed/api.js";
import type { Check } from "../installed/checks.js";
import type { Visit } from "../installed/visit.js";

const HOUR_MS = 3_600_000;
/** Far enough ahead not to be past when it gets there. */
const LEAD_MS = 2_000;

/** Changes nothing, so it may be asked of production at any time. */
export const READING: readonly Check[] = [
  { what: "it is alive", run: async (visit) => statusIn(await visit.api.expect(200, "GET", "/health/live")) },
  { what: "it is ready", run: async (visit) => statusIn(await visit.api.expect(200, "GET", "/health/ready")) },
  {
    what: "all its parts are well",
    run: async ({ api }) => {
      const { json } = await api.expect(200, "GET", "/health");
      const parts = Object.entries((json["parts"] ?? {}) as Readonly<Record<string, Fields>>);
      const away = parts.flatMap(([name, { status }]) => (status === "ok" ? [] : [name]));
      if (json["status"] !== "ok") throw new Broken(`away: ${away.join(", ")}`);
      return `version ${String(json["version"])}, zone data ${String(json["zoneData"])}`;
    },
  },
  {
    what: "it describes itself",
    run: async ({ api }) => {
      const { json } = await api.expect(200, "GET", "/openapi.json");
      const { length } = Object.keys(json["paths"] ?? {});
      if (!String(json["openapi"]).startsWith("3.1") || length === 0) throw new Broken("/openapi.json names no paths");
      return `${String(length)} paths`;
    },
  },
  {
    what: "it lets in nobody without a token",
    run: async ({ api }) => {
      if (!api.showsToken) throw new NotAsked("none was shown");
      await api.expect(401, "GET", "/v1/schedules", { unknown: true });
      return "401";
    },
  },
  {
    what: "it tells how it stands",
    run: async ({ api }) => {
      const { open } = (await api.expect(200, "GET", "/v1/stats")).json;
      const { pending, due } = open as Readonly<Record<string, Fields>>;
      return `${String(pending?.["count"])} pending, ${String(due?.["count"])} due`;
    },
  },
  {
    what: "nothing is missing of the last hour",
    run: async (visit) => {
      const to = await visit.now();
      const window = new URLSearchParams({ from: instant(to - HOUR_MS), to: instant(to) });
      const { json } = await visit.api.expect(200, "GET", `/v1/reconcile?${window.toString()}`);
      if (json["difference"] !== 0) throw new Broken(`a difference of ${String(json["difference"])}`);
      const part = json["nextCursor"] === undefined ? "" : " of the first thousand schedules";
      return `${String(json["expected"])} expected${part}`;
    },
  },
];

/** Makes a destination and a schedule that is due in a moment, and follows what becomes of it. */
export function writing(): readonly Check[] {
  const seen: { destination?: Fields; schedule?: Fields; event?: Fields } = {};
  return [
    {
      what: "a destination is made",
      run: async (visit) => String((seen.destination = await visit.destination())["url"]),
    },
    {
      what: "a schedule is made",
      run: async (visit) => {
        const at = instant((await visit.now()) + LEAD_MS);
        seen.schedule = await visit.schedule(there(seen.destination), { when: { at } });
        return `due at ${at}`;
      },
    },
    {
      what: "its event is delivered",
      run: async (visit) => {
        seen.event = await visit.completed(there(seen.schedule));
        return `${String(seen.event["latenessMs"])} ms after it was due`;
      },
    },
    {
      what: "each attempt is on record",
      run: async ({ api }) => {
        const { json } = await api.expect(200, "GET", `/v1/events/${String(there(seen.event)["id"])}`);
        const attempts = (json["attempts"] ?? []) as readonly Fields[];
        const status = Number(attempts.at(-1)?.["status"]);
        if (attempts.length !== json["attempt"])
          throw new Broken(`${String(attempts.length)} of ${String(json["attempt"])}`);
        if (!(status >= 200 && status < 300)) throw new Broken(`the last one was answered ${String(status)}`);
        return `${String(attempts.length)}, the last one answered ${String(status)}`;
      },
    },
    {
      what: "it arrived once, signed",
      run: async (visit) => arrivalOf(visit, there(seen.event), there(seen.destination)),
    },
    {
      what: "it is counted",
      run: async ({ api }) => {
        const { completed } = (await api.expect(200, "GET", "/v1/stats")).json["finished"] as Fields;
        if (!(Number(completed) >= 1)) throw new Broken("GET /v1/stats knows of no completed event");
        return `${String(completed)} completed in the last minutes`;
      },
    },
  ];
}

async function arrivalOf(visit: Visit, { id, attempt }: Fields, { secret }: Fields): Promise<string> {
  // What another receiver has seen is for that one to say: a good answer is all that is known here.
  if (!visit.ownInbox) throw new NotAsked("the receiver is not its own");
  const all = itemsIn(await visit.api.expect(200, "GET", "/inbox", { unknown: true }));
  const [arrival, ...again] = all.filter((one) => one["id"] === id);
  if (arrival === undefined) throw new Broken("it is on record as delivered, and did not arrive");
  if (arrival["attempt"] !== attempt || again.length > 0)
    throw new Broken(`it arrived ${String(again.length + 1)} times, first as attempt ${String(arrival["attempt"])}`);
  const { timestamp, signature, text } = (arrival["signed"] ?? {}) as Fields;
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
  try {
    new Webhook(String(secret)).verify(String(text), headers as Record<string, string>);
  } catch (error) {
    throw new Broken(`its signature does not verify: ${String(error)}`, { cause: error });
  }
  return `attempt ${String(attempt)}`;
}

function there(seen: Fields | undefined): Fields {
  if (seen === undefined) throw new Broken("what it would be asked of was not made");
  return seen;
}

function statusIn({ json }: Answer): string {
  return String(json["status"]);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
