import { InvalidInput, type Problem } from "@punctual/core";

/**
 * The ports that the Fetch standard blocks: https://fetch.spec.whatwg.org/#port-blocking. They belong to protocols that
 * may take a request for commands of their own.
 */
const BLOCKED_BY_FETCH: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530],
  ...[531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190],
  ...[5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
]);

export const DEFAULT_PORTS = "80,443,1024-65535";

/** Which ports may be called: numbers and ranges, as in `80,443,1024-65535`. */
export class PortRules {
  readonly #ranges: readonly (readonly [from: number, to: number])[];

  /** A range leaves out what the Fetch standard blocks; a port that is listed by itself is meant. */
  constructor(ports: string = DEFAULT_PORTS) {
    const problems: Problem[] = [];
    this.#ranges = ports.split(",").map((entry) => {
      const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(entry) ?? [];
      const [from, to] = [Number(first), Number(last)];
      if (!(from >= 1 && from <= to && to <= 65_535)) {
        problems.push({
          pointer: "/ports",
          code: "not_a_port",
          message: `${entry}: Must be a port or a range of ports`,
        });
      }
      return [from, to] as const;
    });
    if (problems.length > 0) throw new InvalidInput(problems);
  }

  allows(port: number): boolean {
    return this.#ranges.some(
      ([from, to]) => from <= port && port <= to && (from === to || !BLOCKED_BY_FETCH.has(port)),
    );
  }
}
