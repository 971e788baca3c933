import { isIP } from "node:net";
import type { Resolve } from "../../src/guard/resolve.js";

/** Answers each look-up with the next of these, and shows who was asked for. */
export function answering(...answers: readonly (readonly string[])[]): { resolve: Resolve; asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = async (host) => {
    const answer = answers[asked.length];
    asked.push(host);
    if (answer === undefined) throw new Error(`There is no answer left for ${host}`);
    return answer.map((address) => ({ address, family: isIP(address) === 4 ? 4 : 6 }));
  };
  return { resolve, asked };
}

/** As a name server that fails. */
export function failing(code: string): Resolve {
  return async (host) => {
    throw Object.assign(new Error(`getaddrinfo ${code} ${host}`), { code });
  };
}

/** As a name server that never answers. */
export const silent: Resolve = () => new Promise(() => undefined);
