import { type Answer, Broken, type Fields, fieldsIn } from "../installed/api.js";
import type { Check } from "../installed/checks.js";
import type { Visit } from "../installed/visit.js";
import { same } from "./same.js";

const DAILY = { type: "e2e.once", timeZone: "Asia/Tokyo", when: { cron: "0 9 * * *" } };
const AT_ONCE = 20;

/** What is said several times happens once. */
export const ONCE: readonly Check[] = [
  {
    what: "idempotency: one schedule of twenty requests at one time",
    run: async (visit) => {
      const { id: destinationId } = await visit.destination();
      const headers = { "idempotency-key": `${visit.name}-once` };
      const body = { ...DAILY, destinationId };
      const ask = async () => visit.api.expect(201, "POST", "/v1/schedules", { body, headers });
      // All of them before any is judged: whatever was made is taken away.
      const all = await Promise.allSettled(Array.from({ length: AT_ONCE }, ask));
      const answers = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const ids = new Set(answers.map(({ json }) => String(json["id"])));
      for (const id of ids) visit.remember(`/v1/schedules/${id}`);
      const failed = all.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      if (ids.size !== 1) throw new Broken(`${String(ids.size)} schedules`);
      const first = answers.filter((answer) => !isReplay(answer)).length;
      if (first !== 1) throw new Broken(`${String(first)} of them say that they are the first`);
      await visit.api.expect(422, "POST", "/v1/schedules", { body: { ...body, type: "e2e.other" }, headers });
      return `${String(AT_ONCE - 1)} replayed; another request with the same key is refused`;
    },
  },
  {
    what: "idempotency: said twice of a key of one's own, nothing changes",
    run: async (visit) => {
      const { id: destinationId } = await visit.destination();
      const path = `/v1/schedules/by-key/${visit.name}-own`;
      const body = { ...DAILY, destinationId };
      const first = await visit.api.expect(201, "PUT", path, { body });
      visit.remember(`/v1/schedules/${String(first.json["id"])}`);
      const again = await visit.api.expect(200, "PUT", path, { body });
      same("what is told again", again.json, first.json);
      return `revision ${String(again.json["revision"])}`;
    },
  },
  {
    what: "import: each line is made, what is wrong is told, and known lines are left alone",
    run: async (visit) => {
      const { id: destinationId } = await visit.destination();
      const line = (key: string, fields: Fields = {}) =>
        JSON.stringify({ ...DAILY, destinationId, key: `${visit.name}-${key}`, ...fields });
      const lines = [line("a"), line("b", { timeZone: "Mars/Olympus" }), line("c")];
      const first = await imported(visit, lines);
      await rememberImported(visit, String(destinationId));
      const again = await imported(visit, lines);
      const counts = { kind: "done", lines: 3 };
      same("the first time", first, { refused: [2], done: { ...counts, created: 2, known: 0, refused: 1 } });
      same("the second time", again, { refused: [2], done: { ...counts, created: 0, known: 2, refused: 1 } });
      return "2 made and 1 refused, then 2 known";
    },
  },
];

function isReplay({ headers }: Answer): boolean {
  return headers.get("idempotent-replayed") === "true";
}

async function imported({ api }: Visit, lines: readonly string[]) {
  const { text } = await api.expect(200, "POST", "/v1/schedules/import", { lines });
  const told = text.trimEnd().split("\n").map(fieldsIn);
  return { refused: told.filter(({ kind }) => kind === "refused").map(({ line }) => line), done: told.at(-1) };
}

/** An import does not tell the ids of what it has made. */
async function rememberImported(visit: Visit, destinationId: string): Promise<void> {
  const { json } = await visit.api.expect(200, "GET", `/v1/schedules?destinationId=${destinationId}`);
  for (const { id } of json["items"] as readonly Fields[]) visit.remember(`/v1/schedules/${String(id)}`);
}
