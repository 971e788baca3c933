import { Broken, type Fields, itemsIn } from "../installed/api.js";
import type { Check } from "../installed/checks.js";
import type { Visit } from "../installed/visit.js";

const LEAD_MS = 3_000;
const HOUR_MS = 3_600_000;
/** How long what is paused is watched for being sent all the same. */
const QUIET_MS = 5_000;
const NEVER = "2099-01-01T09:00:00Z";

/** What becomes of events, by time and by hand. */
export const LIFE: readonly Check[] = [
  {
    what: "pause: nothing is sent until it goes on",
    run: async (visit) => {
      const schedule = await soon(visit);
      await on(visit, schedule, "pause");
      await visit.wait(LEAD_MS + QUIET_MS);
      const event = await visit.event(schedule, "there", () => true);
      if (event["state"] !== "PENDING") throw new Broken(`its event is ${String(event["state"])} while it is paused`);
      await on(visit, schedule, "resume");
      const { latenessMs } = await visit.completed(schedule);
      return `sent ${String(latenessMs)} ms after it was due, once it went on`;
    },
  },
  {
    what: "cancel: what is cancelled never happens",
    run: async (visit) => {
      const at = new Date((await visit.now()) + HOUR_MS).toISOString();
      const schedule = await visit.schedule(await visit.destination(), { when: { at } });
      const { id } = await visit.event(schedule, "there", ({ state }) => state === "PENDING");
      const path = `/v1/events/${String(id)}`;
      await visit.api.expect(200, "POST", `${path}/cancel`, { body: { note: visit.name } });
      const { json } = await visit.api.expect(200, "GET", path);
      if (json["state"] !== "CANCELLED") throw new Broken(`it is ${String(json["state"])}`);
      await visit.api.expect(409, "POST", `${path}/reschedule`, { body: { at: NEVER } });
      return "CANCELLED, and not to be moved";
    },
  },
  {
    what: "run: by hand, beside its series",
    run: async (visit) => {
      const schedule = await visit.schedule(await visit.destination(), { when: { at: NEVER } });
      const run = await visit.api.expect(202, "POST", `/v1/schedules/${String(schedule["id"])}/run`, { body: {} });
      const { id } = await visit.event(schedule, "delivered", ({ state }) => state === "COMPLETED");
      if (id !== run.json["id"])
        throw new Broken(`${String(id)} was sent, and ${String(run.json["id"])} was asked for`);
      await visit.event(schedule, "left as it was", ({ state, dueAt }) => state === "PENDING" && isAt(dueAt, NEVER));
      return "its own event still waits";
    },
  },
  {
    what: "redrive: what failed for good is sent once its receiver is mended",
    run: async (visit) => {
      // A receiver that says no, and that every installation has.
      const destination = await visit.destination({ url: `${visit.api.url}/no-such-receiver` });
      const schedule = await soon(visit, destination);
      const { id, reason } = await visit.event(schedule, "failed", ({ state }) => state === "FAILED");
      const url = await visit.receiver();
      const headers = { "if-match": "*" };
      await visit.api.expect(200, "PATCH", `/v1/destinations/${String(destination["id"])}`, { body: { url }, headers });
      const body = { filter: { scheduleId: schedule["id"] }, note: visit.name };
      const { json } = await visit.api.expect(200, "POST", "/v1/events/redrive", { body });
      if (json["redriven"] !== 1) throw new Broken(`${String(json["redriven"])} were redriven, not 1`);
      const event = await visit.event(schedule, "delivered", ({ state }) => state === "COMPLETED");
      if (event["id"] !== id || event["redrives"] !== 1) throw new Broken("another event was delivered");
      return `${String(reason)}, then delivered under the same id`;
    },
  },
  {
    what: "list: a page goes on where the last one ended",
    run: async (visit) => {
      const destination = await visit.destination();
      const made: string[] = [];
      for (let index = 0; index < 3; index++) {
        made.push(String((await visit.schedule(destination, { when: { at: NEVER } }))["id"]));
      }
      const path = `/v1/schedules?destinationId=${String(destination["id"])}&limit=2`;
      const first = await visit.api.expect(200, "GET", path);
      const cursor = encodeURIComponent(String(first.json["nextCursor"]));
      const rest = await visit.api.expect(200, "GET", `${path}&cursor=${cursor}`);
      const seen = [...itemsIn(first), ...itemsIn(rest)].map(({ id }) => String(id));
      if (seen.join() !== made.join()) throw new Broken(`${seen.join(" ")}, not ${made.join(" ")}`);
      if (rest.json["nextCursor"] !== undefined) throw new Broken("the last page has one behind it");
      return "2 and 1";
    },
  },
];

async function soon(visit: Visit, destination?: Fields): Promise<Fields> {
  const to = destination ?? (await visit.destination());
  return visit.schedule(to, { when: { at: new Date((await visit.now()) + LEAD_MS).toISOString() } });
}

async function on({ api }: Visit, { id }: Fields, verb: "pause" | "resume"): Promise<void> {
  await api.expect(200, "POST", `/v1/schedules/${String(id)}/${verb}`, { body: {} });
}

function isAt(dueAt: unknown, at: string): boolean {
  return Date.parse(String(dueAt)) === Date.parse(at);
}
