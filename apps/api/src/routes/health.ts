import { InvalidInput } from "@punctual/core";
import { contract, openApiOf, operations } from "../contract/index.js";
import type { HealthReport } from "../contract/health.js";
import { given } from "../given.js";
import type { Cursors } from "../http/cursors.js";
import { type Route, route } from "../http/route.js";

export interface HealthOptions {
  readonly version: string;
  /** Throws where starting the process anew is the only help. */
  readonly live?: () => void;
  /** Throws while requests cannot be served. */
  readonly ready: () => Promise<void>;
  /** How each part is, by its name; what throws is away. */
  readonly parts?: Readonly<Record<string, () => Promise<void>>>;
}

export function healthRoutes(cursors: Cursors, { version, live, ready, parts = {} }: HealthOptions): readonly Route[] {
  let document: ReturnType<typeof openApiOf> | undefined;
  return [
    route(operations.live, {
      perform: async () => live?.(),
      reply: () => ({ status: 200, body: { status: "ok" } }),
    }),
    route(operations.ready, {
      perform: async () => ready(),
      reply: () => ({ status: 200, body: { status: "ok" } }),
    }),
    route(operations.health, {
      perform: async (_, { recurrence }): Promise<HealthReport> => {
        const looked = await Promise.all(
          Object.entries(parts).map(async ([name, look]) => [name, { status: await statusOf(look) }] as const),
        );
        const status = looked.some(([, part]) => part.status === "away") ? "away" : "ok";
        return { status, version, zoneData: recurrence.zones.version, parts: Object.fromEntries(looked) };
      },
      reply: (report) => ({ status: 200, body: report }),
    }),
    route(operations.reconcile, {
      perform: async ({ principal: { tenant }, query }, { reconcile }) => {
        const [from, to] = [new Date(query.from), new Date(query.to)];
        if (from >= to)
          throw new InvalidInput([{ pointer: "/to", code: "inverted", message: "Must lie behind `from`" }]);
        const name = JSON.stringify([operations.reconcile.id, tenant, query.from, query.to]);
        const after = query.cursor === undefined ? undefined : cursors.read(name, query.cursor);
        const { next, ...report } = await reconcile.run({ tenant, from, to, limit: query.limit, ...given({ after }) });
        return { ...report, ...(next !== undefined && { nextCursor: cursors.write(name, next) }) };
      },
      reply: (report) => ({ status: 200, body: report }),
    }),
    route(operations.openapi, {
      perform: async () => undefined,
      // It takes longer to make than all the rest of an API, and few ask for it.
      reply: () => ({ status: 200, body: (document ??= openApiOf(contract, { version })) }),
    }),
  ];
}

async function statusOf(look: () => Promise<void>): Promise<"ok" | "away"> {
  return look().then(
    () => "ok",
    () => "away",
  );
}
