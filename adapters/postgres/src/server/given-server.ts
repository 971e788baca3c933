import { Unavailable } from "@punctual/core";
import { withClient } from "./connections.js";
import type { PostgresServer } from "./postgres-server.js";

/** A server that runs already, once it has answered. */
export async function useGiven(url: string): Promise<PostgresServer> {
  const mayCreate = await withClient(url, async (client) => {
    const role = await client.query<{ may: boolean }>(
      "SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user",
    );
    return role.rows[0]?.may === true;
  }).catch((cause: unknown) => {
    throw new Unavailable(`The given PostgreSQL at ${place(url)} does not let us in`, { cause });
  });
  if (!mayCreate) throw new Unavailable(`The role given for the PostgreSQL at ${place(url)} may not create databases`);
  return { url, origin: "given", stop: async () => {} };
}

/** The part of a URL that may be shown. */
function place(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "what is no URL";
}
