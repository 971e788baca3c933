import { createRequire, findPackageJSON } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type MakeTransport, TRANSPORT_STACK_VERSION, type TransportStack } from "./transport.js";

/** What is wrong with a transport that is named. */
export type TransportFault =
  "no-name" | "not-there" | "brings-nothing" | "fails" | "exports-none" | "other-version" | "not-on-this-cloud";

export interface TransportObjection {
  readonly fault: TransportFault;
  readonly says: string;
}

export type TransportReading =
  { readonly ok: MakeTransport; readonly wrong?: never } | { readonly ok?: never; readonly wrong: TransportObjection };

export interface LoadTransportOptions {
  readonly cloud: string;
  /** The folder from which packages are looked for; by itself the one in which the program runs. */
  readonly from?: string;
}

/** What makes a transport on a cloud, found by the name that programs know it by (`PUNCTUAL_TRANSPORT`). Registers nothing. */
export async function loadTransport(
  name: string,
  { cloud, from = process.cwd() }: LoadTransportOptions,
): Promise<TransportReading> {
  const refused = (fault: TransportFault, why: string): TransportReading => ({
    wrong: { fault, says: `transport is ${name}, and ${why}` },
  });
  if (!PACKAGE.test(name)) return refused("no-name", "that is no name of a package");
  const found = addressOf(name, from);
  if (found.address === undefined) return refused(found.fault, found.why);
  try {
    const { stack } = (await import(found.address)) as { readonly stack?: unknown };
    const { apiVersion, clouds } = Object(stack) as Partial<TransportStack>;
    if (typeof apiVersion !== "number" || typeof clouds !== "object")
      return refused("exports-none", `${name}/stack exports no \`stack\` with an apiVersion and clouds`);
    if (apiVersion !== TRANSPORT_STACK_VERSION) return refused("other-version", versions(apiVersion));
    const make = Object.hasOwn(clouds, cloud) ? clouds[cloud] : undefined;
    if (make === undefined)
      return refused("not-on-this-cloud", `it is made on ${Object.keys(clouds).join(" and ")} alone, not on ${cloud}`);
    return { ok: await make() };
  } catch (error) {
    // A package that it needs may be missing, and Pulumi's are among those.
    return refused(
      "fails",
      `what it brings cannot be loaded (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

/** A path is none: what is loaded must be known by the same name in a container. */
const PACKAGE = /^(@[a-z\d][\w.-]*\/)?[a-z\d][\w.-]*(\/[a-z\d][\w.-]*)*$/;

type Found =
  { readonly address: string } | { readonly address?: never; readonly fault: TransportFault; readonly why: string };

function addressOf(name: string, from: string): Found {
  const there = pathToFileURL(join(from, "_"));
  try {
    return { address: pathToFileURL(createRequire(there).resolve(`${name}/stack`)).href };
  } catch {
    return packageOf(name, there) === undefined
      ? { fault: "not-there", why: `no package of that name is there from ${from}` }
      : { fault: "brings-nothing", why: "it brings no component: there is no such export as ./stack" };
  }
}

function packageOf(name: string, there: URL): string | undefined {
  try {
    return findPackageJSON(name, there);
  } catch {
    return undefined;
  }
}

function versions(apiVersion: number): string {
  const what = apiVersion > TRANSPORT_STACK_VERSION ? "update this program" : "update the transport";
  return `its component is of version ${String(apiVersion)}, and this program takes ${String(TRANSPORT_STACK_VERSION)}: ${what}`;
}
