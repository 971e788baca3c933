import { checkUserPatch, NotFound, parseUser, type User } from "@punctual/core";
import { originalUsers, users } from "../contract/index.js";
import type { Principal } from "../auth/principal.js";
import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import { etagOf } from "../http/if-match.js";
import { pageOf } from "../http/pages.js";
import type { Reply } from "../http/reply.js";
import { type ApiRequest, type Route, route } from "../http/route.js";
import type { UseCases } from "../use-cases.js";
import { userView } from "../views/user-view.js";

export function userRoutes(cursors: Cursors): readonly Route[] {
  return [
    route(users.create, creating("/v1/users")),
    route(users.list, {
      perform: (request, { unitOfWork }) =>
        unitOfWork.run(request.principal.tenant, async (transaction) =>
          pageOf(request, {
            list: users.list.id,
            cursors,
            fetch: (limit, after) => transaction.users.list({ limit, ...given({ after }) }),
            placeOf: ({ id }) => id,
          }),
        ),
      reply: ({ items, ...rest }) => ({ status: 200, body: { items: items.map(userView), ...rest } }),
    }),
    route(users.get, reading),
    route(users.change, changing),
    route(users.remove, removing),

    route(originalUsers.create, creating("/user")),
    route(originalUsers.get, reading),
    route(originalUsers.put, changing),
    route(originalUsers.remove, removing),
  ];
}

interface OnOne {
  readonly principal: Principal;
  readonly params: { readonly id: string };
}

function creating(path: string) {
  return {
    judge: ({ body }: Pick<ApiRequest, "body">, { recurrence, now }: UseCases) =>
      void parseUser(body, recurrence.zones, now()),
    perform: (
      { principal: { tenant }, body }: Pick<ApiRequest<typeof users.create>, "principal" | "body">,
      { createUser }: UseCases,
    ) => createUser.run({ tenant, input: body }),
    reply: (user: User): Reply => {
      const { headers, ...rest } = ok(user);
      return { ...rest, status: 201, headers: { ...headers, location: `${path}/${user.id}` } };
    },
  };
}

const reading = {
  perform: async ({ principal, params: { id } }: OnOne, { unitOfWork }: UseCases) => {
    refuseOthers(principal, id);
    const user = await unitOfWork.read(principal.tenant, async (reader) => reader.users.get(id));
    if (user === null) throw new NotFound("user", id);
    return user;
  },
  reply: ok,
};

const changing = {
  judge: ({ body }: Pick<ApiRequest, "body">, { recurrence, now }: UseCases) =>
    checkUserPatch(body, recurrence.zones, now()),
  perform: async ({ principal, params: { id }, body, revision }: OnOne & Changed, { changeUser }: UseCases) => {
    refuseOthers(principal, id);
    return changeUser.run({ tenant: principal.tenant, id, patch: body, ...given({ revision }) });
  },
  reply: ok,
};

type Changed = Pick<ApiRequest<typeof users.change>, "body" | "revision">;

const removing = {
  perform: async (
    { principal, params: { id }, revision }: OnOne & Pick<Changed, "revision">,
    { deleteUser }: UseCases,
  ) => {
    refuseOthers(principal, id);
    return deleteUser.run({ tenant: principal.tenant, id, actor: principal.subject, ...given({ revision }) });
  },
  reply: (): Reply => ({ status: 204 }),
};

/** A user sees no user but itself, and is not told whether there are others. */
function refuseOthers({ role, subject }: Principal, id: string): void {
  if (role === "user" && subject !== id) throw new NotFound("user", id);
}

function ok(user: User): Reply {
  return { status: 200, headers: { etag: etagOf(user.revision) }, body: userView(user) };
}
