import { hasEngine, startContainer } from "./container-server.js";
import { startEmbedded } from "./embedded-server.js";
import { useGiven } from "./given-server.js";
import type { PostgresServer, ServerOptions } from "./postgres-server.js";

/** Empty strings count as left out, as an unset variable of the environment may come. */
export interface FindOptions extends ServerOptions {
  /** What TEST_POSTGRES_URL says, in tests: a role there that may create databases. */
  readonly url?: string;
  /** What DOCKER_HOST says. */
  readonly dockerHost?: string;
}

/** The given server, else one in a container, else the one that npm brought. */
export async function findServer({ url, dockerHost, ...options }: FindOptions): Promise<PostgresServer> {
  if (url !== undefined && url !== "") return useGiven(url);
  if (await hasEngine(dockerHost || undefined)) return startContainer(options);
  return startEmbedded(options);
}
