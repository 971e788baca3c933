import { expect } from "chai";
import moment from "moment-timezone";
import type { ZoneRules } from "../../src/ports/zone-rules.js";
import { type Gap, type Moment, type Overlap, resolve } from "../../src/recurrence/resolve.js";
import { DAY, formatWall, HOUR, MINUTE, SECOND, wallOf } from "../../src/recurrence/wall.js";
import { IntlZoneRules } from "../../src/recurrence/zones/intl-zone-rules.js";
import { TableZoneRules } from "../../src/recurrence/zones/table-zone-rules.js";
import { choose, type OffsetSource, read, type Reading } from "./support/brute-force.js";
import { momentNames, momentOffsetAt, momentTable, momentZone } from "./support/moment-zones.js";
import { rawOffsetAt } from "./support/raw-intl.js";

const START = wallOf(2025, 1, 1);
const END = wallOf(2035, 1, 1);
const GAPS: readonly Gap[] = ["shift", "boundary", "skip"];
const OVERLAPS: readonly Overlap[] = ["first", "second", "both"];

/**
 * Two questions, so that neither answer can hide the other. Is the algorithm right? Then on moment's data `resolve` gives
 * what brute force on moment's data gives, for all zones. Does the runtime give its own data truly? Then `resolve` on
 * `IntlZoneRules` gives what brute force gives on moment's data, but for zones in which the two releases differ; which
 * these are is found by asking `Intl` directly, and for them brute force is on what `Intl` said.
 */
describe("Every IANA zone, ten years (2025–2035), every policy", function () {
  this.timeout(60_000);
  const table = new TableZoneRules(momentTable());
  const intl = new IntlZoneRules({ version: process.versions.tz ?? "" });
  let differing: readonly string[] = [];
  let checks = 0;

  before(() => {
    differing = momentNames.filter(differsInData);
  });
  after(() => {
    const zones = differing.length === 0 ? "no zone differs" : `${differing.length} differ: ${differing.join(", ")}`;
    console.log(
      `      ${checks.toLocaleString("en")} checks, ${momentNames.length} zones;` +
        ` runtime ${intl.version} and moment-timezone ${table.version}: ${zones}`,
    );
  });

  /** All differences found, with an example; a single one is a failure. */
  const differences = (rules: ZoneRules, name: string, source: OffsetSource, walls: Iterable<number>): string[] => {
    const found: string[] = [];
    for (const wall of walls) {
      const reading = read(source, wall);
      for (const gap of GAPS) {
        for (const overlap of OVERLAPS) {
          checks += 1;
          const moments = resolve(rules, name, wall, gap, overlap);
          const expected = choose(reading, gap, overlap);
          if (!agree(moments, expected, reading, source)) {
            const got = JSON.stringify(moments.map(({ instant }) => instant));
            found.push(`${name} ${formatWall(wall)} ${gap} ${overlap}: ${got}, not ${JSON.stringify(expected)}`);
          }
        }
      }
    }
    return found;
  };

  it("agrees with brute force on moment's data", () => {
    const found = momentNames.flatMap((name) => differences(table, name, momentSource(name), wallsOf(name)));
    expect(found.slice(0, 10), `${found.length} differences`).to.deep.equal([]);
  });

  it("agrees with moment itself, which shifts out of gaps and takes the first of two", () => {
    const found: string[] = [];
    for (const name of momentNames) {
      for (const wall of [...wallsNear(momentChanges(name), momentOffsetAt(name)), ...firstsOfMonths()]) {
        checks += 1;
        const [ours] = resolve(table, name, wall, "shift", "first");
        const theirs = moment.tz(formatWall(wall), name).valueOf();
        if (ours?.instant !== theirs) found.push(`${name} ${formatWall(wall)}: ${ours?.instant}, not ${theirs}`);
      }
    }
    expect(found.slice(0, 10), `${found.length} differences`).to.deep.equal([]);
  });

  it("agrees on the runtime's data, but for zones in which the releases differ", () => {
    const same = momentNames.filter((name) => !differing.includes(name));
    const found = same.flatMap((name) => differences(intl, name, momentSource(name), wallsOf(name)));
    expect(found.slice(0, 10), `${found.length} differences`).to.deep.equal([]);
  });

  it("agrees in those with what the runtime shows", () => {
    const found = differing.flatMap((name) => {
      const source = rawSource(name);
      return differences(intl, name, source, [...wallsOf(name), ...wallsNear(source.changes, source.offsetAt)]);
    });
    expect(found.slice(0, 10), `${found.length} differences`).to.deep.equal([]);
  });

  it("finds but few zones that differ, and none if the releases are the same", () => {
    expect(differing.length).to.be.at.most(intl.version === table.version ? 0 : momentNames.length / 10);
  });
});

function agree(
  moments: readonly Moment[],
  instants: readonly number[],
  reading: Reading,
  source: OffsetSource,
): boolean {
  if (moments.length !== instants.length) return false;
  const expected = reading.jump !== null ? "gap" : reading.instants.length > 1 ? "overlap" : null;
  return moments.every(({ instant, offset, wall, fold, note }, index) => {
    const second = expected === "overlap" && instant === reading.instants[1];
    if (instant !== instants[index] || note !== expected || fold !== (second ? 1 : 0)) return false;
    return wall === instant + offset && offset === source.offsetAt(instant);
  });
}

function momentChanges(name: string): readonly number[] {
  return momentZone(name).untils.filter((until) => until >= START && until < END);
}

function momentSource(name: string): OffsetSource {
  const offsetAt = momentOffsetAt(name);
  return { offsetAt, offsets: distinct([offsetAt(START), ...momentChanges(name).map(offsetAt)]) };
}

function rawSource(name: string): OffsetSource & { readonly changes: readonly number[] } {
  const ask = rawOffsetAt(name);
  const known = new Map<number, number>();
  const offsetAt = (instant: number) => {
    const offset = known.get(instant) ?? ask(instant);
    known.set(instant, offset);
    return offset;
  };
  const changes: number[] = [];
  let before = ask(START);
  for (let hour = START; hour < END; hour += HOUR) {
    const offset = ask(hour);
    if (offset !== before) changes.push(hour);
    before = offset;
  }
  return { offsetAt, offsets: distinct([ask(START), ...changes.map(ask)]), changes };
}

function distinct(offsets: readonly number[]): readonly number[] {
  return [...new Set(offsets)];
}

function differsInData(name: string): boolean {
  const [raw, known] = [rawOffsetAt(name), momentOffsetAt(name)];
  const instants = momentChanges(name).flatMap((change) => [change - 1, change]);
  // No zone keeps an offset for less than six days.
  for (let instant = START; instant < END; instant += 5 * DAY) instants.push(instant);
  return instants.some((instant) => raw(instant) !== known(instant));
}

/** Every day at a time that wanders through the day, and whatever is near a change. */
function* wallsOf(name: string): Iterable<number> {
  for (let day = START; day < END; day += DAY) yield day + (((day / DAY) * 7 * HOUR) % DAY);
  yield* wallsNear(momentChanges(name), momentOffsetAt(name));
}

/** Every quarter of an hour from three hours before a change to three hours after, and the edges to the millisecond. */
function* wallsNear(changes: readonly number[], offsetAt: (instant: number) => number): Iterable<number> {
  for (const change of changes) {
    const edges = [change + offsetAt(change - 1), change + offsetAt(change)].sort((a, b) => a - b);
    const [low = 0, high = 0] = edges;
    for (let wall = low - 3 * HOUR; wall <= high + 3 * HOUR; wall += 15 * MINUTE) yield wall;
    for (const edge of edges) yield* [edge - SECOND, edge - 1, edge + 1, edge + SECOND];
  }
}

function* firstsOfMonths(): Iterable<number> {
  for (let month = 0; month < 120; month += 1)
    yield wallOf(2025 + Math.floor(month / 12), 1 + (month % 12), 1, 9 * HOUR);
}
