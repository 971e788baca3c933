import { RawJson } from "../../../src/http/reply.js";
import type { Chance } from "./chance.js";

const DEEP = 20_000;

/** What does not belong where it stands. */
function wrong(chance: Chance): unknown {
  return chance.one<() => unknown>([
    ...[null, true, 0, -1, 1.5, 2 ** 53, "", " ", "x", [], {}, [[]], "null", "0", "\u0000", "\ud800", "__proto__"].map(
      (one) => () => one,
    ),
    () => "x".repeat(chance.one([129, 257, 5_000, 100_000])),
    () => "\u{1f469}\u200d".repeat(200),
    () => new RawJson("1e400"),
    () => new RawJson("-0"),
    () => new RawJson("12345678901234567890"),
    () => new RawJson(`${"9".repeat(400)}`),
    () => new RawJson('{"__proto__":{"admin":true}}'),
    () => new RawJson('{"constructor":{"prototype":{"admin":true}}}'),
    () => new RawJson(`${"[".repeat(DEEP)}${"]".repeat(DEEP)}`),
    () => new RawJson(`${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`),
    () => Array.from({ length: chance.one([33, 1_001, 20_000]) }, () => "x"),
    () => Object.fromEntries(Array.from({ length: chance.one([100, 5_000]) }, (_, nth) => [`k${nth}`, nth])),
    () =>
      chance.one([
        "2027-02-29",
        "2027-13-01T00:00:00Z",
        "2027-03-14T25:00:00",
        "0000-00-00",
        "+275760-09-13T00:00:00Z",
      ]),
    () => chance.one(["24:00", "PT", "P1W2D", "PT-1S", "1e3", "0x10", "NaN", "Infinity", "Mars/Olympus", "../../etc"]),
    () => chance.one(["'; drop table schedules; --", "{{7*7}}", "<script>", "%00", "\u202e", "\ufeff", "a\r\nb: c"]),
  ])();
}

type Json = Readonly<Record<string, unknown>>;

/** The same value with one thing wrong somewhere in it. */
export function spoiled(value: unknown, chance: Chance): unknown {
  if (Array.isArray(value) && value.length > 0 && chance.often(60)) {
    const at = chance.whole(0, value.length - 1);
    return value.map((one: unknown, nth) => (nth === at ? spoiled(one, chance) : one));
  }
  if (!isObject(value) || chance.often(5)) return wrong(chance);
  const names = Object.keys(value);
  const way = chance.whole(1, 100);
  if (names.length === 0 || way <= 15) return { ...value, [oddName(chance)]: wrong(chance) };
  const name = chance.one(names);
  if (way <= 30) return Object.fromEntries(Object.entries(value).filter(([one]) => one !== name));
  if (way <= 35) return new Doubled(value, name, wrong(chance));
  return { ...value, [name]: way <= 60 ? wrong(chance) : spoiled(value[name], chance) };
}

/** An object with one of its names said twice. */
export class Doubled {
  readonly value: Json;
  readonly name: string;
  readonly again: unknown;

  constructor(value: Json, name: string, again: unknown) {
    this.value = value;
    this.name = name;
    this.again = again;
  }
}

/** As JSON, where half of a surrogate pair stays what it is, and text may stand for itself. */
export function written(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (value instanceof Doubled) {
    const whole = written(value.value).slice(0, -1);
    return `${whole},${JSON.stringify(value.name)}:${written(value.again)}}`;
  }
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}:${written(one)}`)
    .join(",")}}`;
}

function oddName(chance: Chance): string {
  const names = [
    "",
    "colour",
    "constructor",
    "toString",
    "\u0000",
    "\ud800",
    "a/b~c",
    "tenant",
    "id",
    "x".repeat(5_000),
  ];
  return chance.one(names);
}

function isObject(value: unknown): value is Json {
  const special = value instanceof RawJson || value instanceof Doubled;
  return typeof value === "object" && value !== null && !Array.isArray(value) && !special;
}
