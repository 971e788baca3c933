import {
  eventFrom,
  type ImportProgress,
  InvalidInput,
  NotFound,
  parseSchedule,
  parseTiming,
  rawField,
  type Reader,
  type Schedule,
} from "@punctual/core";
import { schedules } from "../contract/index.js";
import type { Principal } from "../auth/principal.js";
import type { Cursors } from "../http/cursors.js";
import { given } from "../given.js";
import type { ImportLine } from "../contract/import.js";
import { problemOf } from "../http/problem-of.js";
import { etagOf } from "../http/if-match.js";
import { pageOf } from "../http/pages.js";
import type { Reply } from "../http/reply.js";
import { type ApiRequest, type Route, route } from "../http/route.js";
import type { UseCases } from "../use-cases.js";
import { eventView } from "../views/event-view.js";
import { scheduleView } from "../views/schedule-view.js";

interface Told {
  readonly schedule: Schedule;
  readonly nextDueAt: Date | null;
}

export function scheduleRoutes(cursors: Cursors): readonly Route[] {
  return [
    route(schedules.create, {
      judge: ({ body, text }, { recurrence }) => void parseSchedule(body, payloadIn(text) ?? null, recurrence.zones),
      perform: ({ principal: { tenant }, body, text }, { createSchedule }) =>
        createSchedule.run({ tenant, input: body, ...payloadOf(text) }),
      reply: (told) => made(told),
    }),

    route(schedules.list, {
      perform: (request, { unitOfWork, recurrence: { zones } }) =>
        unitOfWork.run(request.principal.tenant, async (transaction) => {
          const { type, destinationId, status, label } = request.query;
          const labels = labelsIn(label);
          // No schedule has two values of one label.
          if (labels === null) return { items: [] };
          const zone = request.query.timeZone;
          // Schedules keep the usual spelling of a zone, however it was written.
          const timeZone = zone === undefined ? undefined : (zones.find(zone) ?? zone);
          const filter = { type, destinationId, timeZone, status, labels };
          const page = await pageOf(request, {
            list: schedules.list.id,
            cursors,
            fetch: (limit, after) => transaction.schedules.list({ ...given({ ...filter, after }), limit }),
            placeOf: ({ id }) => id,
          });
          return { ...page, items: await withNext(page.items, transaction) };
        }),
      reply: ({ items, ...rest }) => ({
        status: 200,
        body: { items: items.map(({ schedule, nextDueAt }) => scheduleView(schedule, nextDueAt)), ...rest },
      }),
    }),

    route(schedules.get, {
      perform: ({ principal, params: { id } }, { unitOfWork }) =>
        unitOfWork.read(principal.tenant, async (reader) => readable(principal, id, reader)),
      reply: ok,
    }),

    route(schedules.change, {
      perform: async ({ principal: { tenant }, params: { id }, body, text, revision }, useCases) => {
        // A payload of null is taken away, as any other field.
        const payload = body.payload === null ? {} : payloadOf(text);
        const patch = { tenant, id, patch: body, ...payload, ...given({ revision }) };
        return told(await useCases.changeSchedule.run(patch), useCases);
      },
      reply: ok,
    }),

    route(schedules.remove, {
      perform: ({ principal: { tenant, subject }, params: { id }, revision }, { deleteSchedule }) =>
        deleteSchedule.run({ tenant, id, actor: subject, ...given({ revision }) }),
      reply: () => ({ status: 204 }),
    }),

    route(schedules.put, {
      judge: ({ body, text }, { recurrence }) => void parseSchedule(body, payloadIn(text) ?? null, recurrence.zones),
      perform: async ({ principal: { tenant }, params: { key }, body, text }, useCases) => {
        const { schedule, created } = await useCases.putSchedule.run({ tenant, key, input: body, ...payloadOf(text) });
        return { ...(await told(schedule, useCases)), created };
      },
      reply: ({ created, ...one }) => (created ? made(one) : ok(one)),
    }),

    route(schedules.import, {
      perform: async ({ principal: { tenant }, lines, requestId }, { importSchedules }) =>
        importLines(importSchedules.run(tenant, lines), requestId),
      reply: (lines) => ({ status: 200, lines }),
    }),

    route(schedules.pause, {
      perform: async (request, useCases) => told(await useCases.pauseSchedule.run(noted(request)), useCases),
      reply: ok,
    }),

    route(schedules.resume, {
      perform: async (request, useCases) => told(await useCases.resumeSchedule.run(noted(request)), useCases),
      reply: ok,
    }),

    route(schedules.run, {
      perform: (request, { runSchedule }) => runSchedule.run(noted(request)),
      reply: (event) => ({
        status: 202,
        headers: { location: `/v1/events/${event.id}` },
        body: eventView(eventFrom(event, event.dueAt)),
      }),
    }),

    route(schedules.occurrences, {
      perform: async ({ principal, params: { id }, query: { after, count } }, { unitOfWork, previewOccurrences }) => {
        const { tenant } = principal;
        await unitOfWork.read(tenant, async (reader) => readable(principal, id, reader));
        return previewOccurrences.saved({ tenant, id, count, ...(after !== undefined && { after: new Date(after) }) });
      },
      reply: (preview) => ({ status: 200, body: preview }),
    }),

    route(schedules.preview, {
      judge: ({ body }, { recurrence }) => {
        const { after: _, ...timing } = { ...(body as Readonly<Record<string, unknown>> | null) };
        parseTiming(timing, recurrence.zones);
      },
      perform: async ({ body }, { previewOccurrences, now }) => previewOccurrences.unsaved(body, now()),
      reply: (preview) => ({ status: 200, body: preview }),
    }),
  ];
}

/** The lines of the answer. What stops an import is its last line: the status was sent with the first. */
async function* importLines(progress: AsyncIterable<ImportProgress>, requestId: string): AsyncGenerator<ImportLine> {
  const sum = { lines: 0, created: 0, known: 0, refused: 0 };
  try {
    for await (const one of progress) {
      if (one.kind === "refused") {
        sum.refused++;
        yield { kind: "refused", line: one.line.line, errors: [...one.line.problems] };
      } else Object.assign(sum, { lines: one.lines, created: one.created, known: one.known });
    }
    yield { kind: "done", ...sum };
  } catch (error) {
    yield { kind: "stopped", code: problemOf(error).code, lines: sum.lines, requestId };
  }
}

/** The payload as the text it came as: written anew it would lose long numbers and doubled keys. */
function payloadOf(text: string): { readonly payload?: string } {
  const payload = payloadIn(text);
  return payload === undefined ? {} : { payload };
}

function payloadIn(text: string): string | undefined {
  return rawField(text, "payload");
}

function ok({ schedule, nextDueAt }: Told): Reply {
  const headers = { etag: etagOf(schedule.revision) };
  return { status: 200, headers, body: scheduleView(schedule, nextDueAt) };
}

function made(one: Told): Reply {
  const reply = ok(one);
  return { ...reply, status: 201, headers: { ...reply.headers, location: `/v1/schedules/${one.schedule.id}` } };
}

async function told(schedule: Schedule, { unitOfWork }: UseCases): Promise<Told> {
  const next = await unitOfWork.read(schedule.tenant, ({ events }) => events.upcoming([schedule.id]));
  return { schedule, nextDueAt: next.get(schedule.id) ?? null };
}

async function withNext(some: readonly Schedule[], { events }: Pick<Reader, "events">): Promise<readonly Told[]> {
  const next = await events.upcoming(some.map(({ id }) => id));
  return some.map((schedule) => ({ schedule, nextDueAt: next.get(schedule.id) ?? null }));
}

/** A schedule that is there, and that a user may know of: that of the user's own birthday. */
async function readable({ role, subject }: Principal, id: string, reader: Reader): Promise<Told> {
  const schedule = await reader.schedules.get(id);
  const hidden = schedule?.status === "deleted" || (role === "user" && schedule?.userId !== subject);
  if (schedule === null || hidden) throw new NotFound("schedule", id);
  const [one] = await withNext([schedule], reader);
  if (one === undefined) throw new NotFound("schedule", id);
  return one;
}

type Noted = Pick<ApiRequest<typeof schedules.pause>, "principal" | "params" | "body">;

function noted({ principal: { tenant, subject }, params: { id }, body: { note } }: Noted) {
  return { tenant, id, actor: subject, ...given({ note }) };
}

/** `name:value`, each; null where they contradict each other. */
function labelsIn(label: string | readonly string[] | undefined): Readonly<Record<string, string>> | null | undefined {
  if (label === undefined) return undefined;
  const pairs = [label].flat().map((one): readonly [string, string] => {
    const colon = one.indexOf(":");
    if (colon > 0) return [one.slice(0, colon), one.slice(colon + 1)];
    throw new InvalidInput([{ pointer: "/label", code: "bad_format", message: "Must be name:value" }]);
  });
  const labels = Object.fromEntries(pairs);
  return pairs.every(([name, value]) => labels[name] === value) ? labels : null;
}
