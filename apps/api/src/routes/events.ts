import { NotFound, type ScheduledEvent } from "@punctual/core";
import { events } from "../contract/index.js";
import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import { pageOf } from "../http/pages.js";
import type { Reply } from "../http/reply.js";
import { type ApiRequest, type Route, route } from "../http/route.js";
import { eventView } from "../views/event-view.js";

export function eventRoutes(cursors: Cursors): readonly Route[] {
  return [
    route(events.list, {
      perform: (request, { unitOfWork }) =>
        unitOfWork.run(request.principal.tenant, async (transaction) => {
          const { state, minLatenessMs, limit: _, cursor: __, ...rest } = request.query;
          const states = state === undefined ? undefined : [state].flat();
          const filter = given({ ...conditionsOf(rest), states, minLatenessMs });
          return pageOf(request, {
            list: events.list.id,
            cursors,
            fetch: (limit, after) => transaction.events.list({ ...filter, ...given({ after: placeIn(after) }), limit }),
            placeOf: ({ dueAt, id }) => `${dueAt.toISOString()} ${id}`,
          });
        }),
      reply: ({ items, ...rest }) => ({ status: 200, body: { items: items.map((one) => eventView(one)), ...rest } }),
    }),

    route(events.get, {
      perform: ({ principal: { tenant, role, subject }, params: { id } }, { unitOfWork }) =>
        unitOfWork.read(tenant, async (reader) => {
          const event = await reader.events.get(id);
          if (event === null) throw new NotFound("event", id);
          if (role === "user" && (await reader.schedules.get(event.scheduleId))?.userId !== subject) {
            throw new NotFound("event", id);
          }
          return { event, attempts: await reader.events.attempts(id) };
        }),
      reply: ({ event, attempts }) => ({ status: 200, body: eventView(event, attempts) }),
    }),

    route(events.cancel, {
      perform: (request, { cancelEvent }) => cancelEvent.run(noted(request)),
      reply: ok,
    }),

    route(events.retry, {
      perform: (request, { redriveEvents }) => redriveEvents.one(noted(request)),
      reply: ok,
    }),

    route(events.reschedule, {
      perform: (request, { rescheduleEvent }) => rescheduleEvent.run({ ...noted(request), at: request.body.at }),
      reply: ok,
    }),

    route(events.acknowledge, {
      perform: ({ params: { tenant, id }, text, headers }, { acknowledgeEvent }) => {
        const of = (name: string) => headers.get(name);
        const signed = { id: of("webhook-id"), timestamp: of("webhook-timestamp"), signature: of("webhook-signature") };
        return acknowledgeEvent.run({ tenant, id, message: { ...signed, body: text } });
      },
      reply: () => ({ status: 204 }),
    }),

    route(events.redrive, {
      perform: ({ principal: { tenant, subject }, body: { filter, perSecond, note } }, { redriveEvents }) =>
        redriveEvents.many({ tenant, actor: subject, filter: conditionsOf(filter), perSecond, ...given({ note }) }),
      reply: (report) => ({ status: 200, body: report }),
    }),
  ];
}

function ok(event: ScheduledEvent): Reply {
  return { status: 200, body: eventView(event) };
}

type Noted = Pick<ApiRequest<typeof events.cancel>, "principal" | "params" | "body">;

function noted({ principal: { tenant, subject }, params: { id }, body: { note } }: Noted) {
  return { tenant, id, actor: subject, ...given({ note }) };
}

interface Conditions {
  readonly dueFrom?: string | undefined;
  readonly dueBefore?: string | undefined;
}

/** Instants become dates. */
function conditionsOf<T extends Conditions>({ dueFrom, dueBefore, ...rest }: T) {
  const dates = { dueFrom: dateOf(dueFrom), dueBefore: dateOf(dueBefore) };
  return given({ ...rest, ...dates });
}

function dateOf(instant: string | undefined): Date | undefined {
  return instant === undefined ? undefined : new Date(instant);
}

function placeIn(after: string | undefined): { readonly dueAt: Date; readonly id: string } | undefined {
  const [dueAt = "", id = ""] = after?.split(" ") ?? [];
  return after === undefined ? undefined : { dueAt: new Date(dueAt), id };
}
