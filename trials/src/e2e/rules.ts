import { Broken, type Fields, itemsIn, toldOf } from "../installed/api.js";
import type { Check } from "../installed/checks.js";
import { same } from "./same.js";

const DAILY = { timeZone: "Europe/Berlin", when: { cron: "0 9 * * *" } };

/** What is made is read back as it was said, changed by who has seen it, and refused where it is wrong. */
export const RULES: readonly Check[] = [
  {
    what: "create: read back as it was made",
    run: async (visit) => {
      const destination = await visit.destination();
      const { id, ...made } = await visit.schedule(destination, { ...DAILY, type: "e2e.create" });
      const { json } = await visit.api.expect(200, "GET", `/v1/schedules/${String(id)}`);
      same("what is read", { ...json }, { id, ...made });
      const { timeZone, when } = DAILY;
      same("its rule", { timeZone: json["timeZone"], when: json["when"] }, { timeZone, when });
      return `state ${String(json["state"])}`;
    },
  },
  {
    what: "create: happens when a preview of its rule says",
    run: async (visit) => {
      const { id } = await visit.schedule(await visit.destination(), DAILY);
      const path = `/v1/schedules/${String(id)}/occurrences?count=5`;
      const will = itemsIn(await visit.api.expect(200, "GET", path)).map(timesOf);
      const body = { ...DAILY, count: 5 };
      const would = itemsIn(await visit.api.expect(200, "POST", "/v1/occurrences/preview", { body })).map(timesOf);
      same("its occurrences", will, would);
      if (will.length !== 5) throw new Broken(`${String(will.length)} occurrences, not 5`);
      return `next ${String(will[0]?.["dueAt"])}`;
    },
  },
  {
    what: "create: all that is wrong is told at once, and nothing is made",
    run: async ({ api }) => {
      const body = { type: "e2e.wrong", timeZone: "Mars/Olympus", when: { cron: "61 9 * * *" }, colour: "red" };
      const answer = await api.expect(422, "POST", "/v1/schedules", { body });
      const pointers = ((answer.json["errors"] ?? []) as readonly Fields[]).map(({ pointer }) => String(pointer));
      for (const wrong of ["/timeZone", "/colour"]) {
        if (!pointers.some((one) => one.startsWith(wrong))) throw new Broken(`${wrong} is not among ${toldOf(answer)}`);
      }
      return toldOf(answer);
    },
  },
  {
    what: "change: by who has seen what is there, and nobody else",
    run: async (visit) => {
      const { id, revision } = await visit.schedule(await visit.destination(), DAILY);
      const path = `/v1/schedules/${String(id)}`;
      const seen = String((await visit.api.expect(200, "GET", path)).headers.get("etag"));
      const change = { when: { cron: "30 8 * * *" } };
      await visit.api.expect(428, "PATCH", path, { body: change });
      const { json } = await visit.api.expect(200, "PATCH", path, { body: change, headers: { "if-match": seen } });
      await visit.api.expect(412, "PATCH", path, { body: DAILY, headers: { "if-match": seen } });
      same("its rule", json["when"], change.when);
      const event = await visit.event({ id }, "moved", ({ local }) => hourIn(local) === "08:30:00");
      return `revision ${String(revision)} became ${String(json["revision"])}, and its event is due at ${String(event["dueAt"])}`;
    },
  },
];

function timesOf({ local, dueAt }: Fields): Fields {
  return { local, dueAt };
}

function hourIn(local: unknown): string | undefined {
  return String((local as Fields | undefined)?.["dateTime"]).split("T")[1];
}
