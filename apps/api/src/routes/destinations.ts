import type { Destination } from "@punctual/core";
import { checkDestinationPatch, NotFound, parseNewDestination } from "@punctual/core";
import { destinations } from "../contract/index.js";
import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import { etagOf } from "../http/if-match.js";
import { pageOf } from "../http/pages.js";
import { Refused } from "../http/refused.js";
import type { Reply } from "../http/reply.js";
import { type ApiRequest, type Route, route } from "../http/route.js";
import { destinationView } from "../views/destination-view.js";
import { known } from "../views/event-view.js";

export function destinationRoutes(cursors: Cursors): readonly Route[] {
  return [
    route(destinations.create, {
      judge: ({ body }) => void parseNewDestination(body),
      perform: ({ principal: { tenant, subject }, body }, { createDestination }) =>
        createDestination.run({ tenant, input: body, actor: subject }),
      reply: ({ destination, secret }) => ({ ...made(destination), body: { ...destinationView(destination), secret } }),
      // The transaction gives the destination alone: the secret is nowhere near what is kept.
      kept: (destination) => made(destination as Destination),
    }),

    route(destinations.list, {
      perform: (request, { unitOfWork }) =>
        unitOfWork.run(request.principal.tenant, async (transaction) =>
          pageOf(request, {
            list: destinations.list.id,
            cursors,
            fetch: (limit, after) => transaction.destinations.list({ limit, ...given({ after }) }),
            placeOf: ({ id }) => id,
          }),
        ),
      reply: ({ items, ...rest }) => ({ status: 200, body: { items: items.map(destinationView), ...rest } }),
    }),

    route(destinations.get, {
      perform: async ({ principal: { tenant }, params: { id } }, { unitOfWork }) => {
        const found = await unitOfWork.read(tenant, async (reader) => reader.destinations.get(id));
        if (found === null) throw new NotFound("destination", id);
        return found;
      },
      reply: ok,
    }),

    route(destinations.change, {
      judge: ({ body }) => checkDestinationPatch(body),
      perform: ({ principal: { tenant, subject }, params: { id }, body, revision }, { changeDestination }) =>
        changeDestination.run({ tenant, id, patch: body, actor: subject, ...given({ revision }) }),
      reply: ok,
    }),

    route(destinations.remove, {
      perform: ({ principal: { tenant, subject }, params: { id }, revision }, { deleteDestination }) =>
        deleteDestination.run({ tenant, id, actor: subject, ...given({ revision }) }),
      reply: () => ({ status: 204 }),
    }),

    route(destinations.enable, {
      perform: (request, { enableDestination }) => enableDestination.run(noted(request)),
      reply: ok,
    }),

    route(destinations.disable, {
      perform: (request, { disableDestination }) => disableDestination.run({ ...noted(request), because: "by_hand" }),
      reply: ok,
    }),

    route(destinations.rotateSecret, {
      perform: ({ principal: { tenant, subject }, params: { id }, body }, { rotateSecret }) =>
        rotateSecret.run({ tenant, id, input: body, actor: subject }),
      reply: ({ destination, secret }) => {
        const { body, ...rest } = ok(destination);
        return { ...rest, body: { ...body, secret } };
      },
    }),

    route(destinations.test, {
      perform: async ({ principal: { tenant, subject }, params: { id } }, { testDestination }) => {
        const report = await testDestination.run({ tenant, id, actor: subject });
        if (report.kind === "sent") return report;
        const seconds = String(Math.max(1, Math.ceil(report.inMs / 1_000)));
        throw new Refused(429, "too_many_tests", "One test request a second", { headers: { "retry-after": seconds } });
      },
      reply: ({ requestId, durationMs, status, error, detail, responseExcerpt }) => ({
        status: 200,
        body: { requestId, durationMs, ...known({ status, error, detail, responseExcerpt }) },
      }),
    }),
  ];
}

function ok(destination: Destination) {
  return { status: 200, headers: { etag: etagOf(destination.revision) }, body: destinationView(destination) };
}

function made(destination: Destination): Reply {
  const { headers, body } = ok(destination);
  return { status: 201, headers: { ...headers, location: `/v1/destinations/${destination.id}` }, body };
}

type Noted = Pick<ApiRequest<typeof destinations.enable>, "principal" | "params" | "body">;

function noted({ principal: { tenant, subject }, params: { id }, body: { note } }: Noted) {
  return { tenant, id, actor: subject, ...given({ note }) };
}
