import { lookup } from "node:dns/promises";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Asks for all addresses of a host; throws what the look-up met. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

/**
 * As the machine does it for every program: hosts file, search domains, caches. In the order of the answer, since the
 * connector tries both families anyway.
 */
export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, order: "verbatim" })) as ResolvedAddress[];
