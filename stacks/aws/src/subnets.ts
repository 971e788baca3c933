/** The networks of one tier, one for each zone. */
export interface Subnets {
  readonly public: readonly string[];
  readonly private: readonly string[];
  readonly isolated: readonly string[];
}

/** As many as fit below the upper half of the network, which stays free for what is to come. */
export const MOST_ZONES = 6;

/** Addresses of a private network: 4,096, since every workload has some of its own; of the others 256. */
const PRIVATE_OCTETS = 16;

/**
 * Divides a network such as `10.20.0.0/16`: private ones from `10.20.0.0/20` on, public ones from `10.20.96.0/24`, isolated ones
 * from `10.20.112.0/24`. Where each is does not depend on how many zones there are: another zone moves nothing.
 */
export function subnetsOf(cidr: string, zones: number): Subnets {
  const [, prefix] = /^(\d+\.\d+)\.0\.0\/16$/.exec(cidr) ?? [];
  if (prefix === undefined) throw new RangeError(`${cidr} is no network such as 10.20.0.0/16`);
  if (zones < 1 || zones > MOST_ZONES) throw new RangeError(`${String(zones)} zones: there may be 1 to 6`);
  const each = (of: (zone: number) => string) => Array.from({ length: zones }, (_, zone) => `${prefix}.${of(zone)}`);
  return {
    private: each((zone) => `${String(zone * PRIVATE_OCTETS)}.0/20`),
    public: each((zone) => `${String(MOST_ZONES * PRIVATE_OCTETS + zone)}.0/24`),
    isolated: each((zone) => `${String((MOST_ZONES + 1) * PRIVATE_OCTETS + zone)}.0/24`),
  };
}

/** What a zone is called, after the name of its region. */
export function letterOf(zone: number): string {
  const letter = "abcdef"[zone];
  if (letter === undefined) throw new RangeError(`There is no zone ${String(zone)}`);
  return letter;
}

/** `eu-west-1a`, `eu-west-1b`, … */
export function zonesOf(region: string, zones: number): readonly string[] {
  return Array.from({ length: zones }, (_, zone) => `${region}${letterOf(zone)}`);
}
