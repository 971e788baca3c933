import { InvalidInput } from "@punctual/core";
import { contract, openApiOf, operations } from "../contract/index.js";
import { type Route, route } from "../http/route.js";

export interface HealthOptions {
  readonly version: string;
  /** Throws while requests cannot be served. */
  readonly ready: () => Promise<void>;
}

export function healthRoutes({ version, ready }: HealthOptions): readonly Route[] {
  const document = openApiOf(contract, { version });
  return [
    route(operations.live, {
      perform: async () => undefined,
      reply: () => ({ status: 200, body: { status: "ok" } }),
    }),
    route(operations.ready, {
      perform: async () => ready(),
      reply: () => ({ status: 200, body: { status: "ok" } }),
    }),
    route(operations.reconcile, {
      perform: async ({ principal: { tenant }, query }, { reconcile }) => {
        const [from, to] = [new Date(query.from), new Date(query.to)];
        if (from < to) return reconcile.run({ tenant, from, to });
        throw new InvalidInput([{ pointer: "/to", code: "inverted", message: "Must lie behind `from`" }]);
      },
      reply: (report) => ({ status: 200, body: report }),
    }),
    route(operations.openapi, {
      perform: async () => undefined,
      reply: () => ({ status: 200, body: document }),
    }),
  ];
}
