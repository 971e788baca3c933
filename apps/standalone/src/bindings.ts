import { isLoopback } from "@punctual/api";
import { API_VARIABLES } from "@punctual/api/variables";
import type { Variables } from "@punctual/adapter-sdk";
import { BadConfig, loadConfig, type StandaloneConfig, VARIABLES } from "./config.js";

/** What the image says by itself. */
const OF_IMAGE = { PUNCTUAL_HOST: "0.0.0.0" };

/** Of what an API is told: where receivers reach it whoever calls them must know. */
const OF_ALL: ReadonlySet<string> = new Set(["PUNCTUAL_PUBLIC_URL"]);

/**
 * What is wrong with the variables that a container of the image is given: what it lacks, what it cannot use, and what it never
 * reads. `others` are those that are read by what it loads, such as a cloud's SDK.
 */
export function wrongBindings(given: Variables, others: readonly string[] = []): readonly string[] {
  const unread = Object.keys(given).filter((name) => !Object.hasOwn(VARIABLES.shape, name) && !others.includes(name));
  const told = (names: readonly string[]) => names.map((name) => `${name} is not read`);
  try {
    const config = loadConfig({ ...OF_IMAGE, ...given }, []);
    return [...openTo(config), ...told([...unread, ...notReadBy(config, given)])];
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    return [...error.message.split("\n"), ...told(unread)];
  }
}

function openTo({ roles, auth, host }: StandaloneConfig): readonly string[] {
  return roles.includes("api") && auth.kind === "off" && !isLoopback(host)
    ? [`PUNCTUAL_AUTH is off, and ${host} is reached by others`]
    : [];
}

/** A worker alone looks at no tokens. */
function notReadBy({ roles }: StandaloneConfig, given: Variables): readonly string[] {
  if (roles.includes("api")) return [];
  return Object.keys(API_VARIABLES.shape).filter((name) => Object.hasOwn(given, name) && !OF_ALL.has(name));
}
