import type { Chance } from "./chance.js";

/** What no schema tells: what may stand in a field of this name, or of this named schema. */
export type Words = Readonly<Record<string, (chance: Chance) => unknown>>;

const from =
  (...some: readonly unknown[]) =>
  (chance: Chance) =>
    chance.one(some);

export const RECEIVER = "https://receiver.test/";
export const SAYS_NO = "https://says-no.test/";

const zones = ["Europe/Berlin", "Etc/UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"];
const secret = (chance: Chance) => `whsec_${chance.bytes(32).toString("base64")}`;
const text = from("Ada", "Grace Brewster", "名前", "O’Neil", "x", "🙂", "نص", "a".repeat(99));

export const GOOD: Words = {
  TimeZone: from(...zones),
  timezone: from(...zones),
  cron: from("0 9 * * *", "*/5 * * * *", "0 0 9 * * MON-FRI", "30 2 L * *", "0 9 15W * *", "0 9 * * 5#2"),
  rrule: from("FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2", "FREQ=YEARLY"),
  start: from("2027-03-14T09:00:00", "2028-02-29T23:59:59"),
  exdates: from(["2027-03-15T09:00:00"], []),
  rdates: from(["2027-03-15T10:00:00"], []),
  at: from("2028-01-31T09:00:00", "2028-01-31T09:00:00Z", "2029-06-01T00:30:00+05:45"),
  time: from("09:00", "02:30:30", "23:59:59"),
  day: (chance) => chance.whole(1, 29),
  Duration: from("PT1S", "PT15M", "PT1H", "P1D", "PT90M"),
  Instant: from("2027-03-14T09:00:00Z", "2027-10-31T02:30:00+01:00", "2030-01-01T00:00:00.000Z"),
  from: from("2027-01-02T00:00:00Z", "2027-02-01T00:00:00Z"),
  until: from("2036-01-01T00:00:00", "2040-01-01T00:00:00Z"),
  to: from("2027-06-01T00:00:00Z", "2028-01-01T00:00:00Z"),
  dueFrom: from("1970-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
  dueBefore: from("2032-01-01T00:00:00Z", "9999-01-01T00:00:00Z"),
  url: from(RECEIVER, SAYS_NO, "https://example.com/hooks?a=b"),
  kind: from("http"),
  headers: from({ "x-from": "punctual" }, {}),
  labels: from({ team: "core" }, { team: "sales", "a/b.c-d_e": "1" }, {}),
  label: from("team:core", ["team:sales", "a/b.c-d_e:1"]),
  type: from("report.due", "a.b", "punctual", "x".repeat(128)),
  key: (chance) => `key-${chance.whole(1, 1_000_000)}`,
  secret,
  firstName: text,
  lastName: text,
  note: text,
  dateOfBirth: from("1990-03-14", "1992-02-29", "2020-12-31", "1900-01-01"),
  payload: from({ report: "sales" }, [], null, "", 0, false, { a: [{ b: [1, 2.5, "x"] }] }),
  perSecond: from(0.01, 10, 10_000),
};

const digits = (chance: Chance, most: number) => chance.list(chance.whole(1, 4), () => chance.whole(0, most)).join(",");

/** Fields that each are right, and hardly ever meet. */
function oddCron(chance: Chance): string {
  const field = (most: number, ...more: readonly string[]) =>
    chance.one(["*", digits(chance, most), `*/${chance.whole(1, most)}`, `${chance.whole(0, most)}`, ...more]);
  const days = field(31, "L", "L-30", "LW", "31W", "29", "30,31");
  const fields = [field(59), field(23), days, field(12, "2", "FEB"), field(7, "MON#5", "SUNL", "1#1,2#5", "?")];
  return [...(chance.often(50) ? [field(59)] : []), ...fields].join(" ");
}

function oddRule(chance: Chance): string {
  const parts: Readonly<Record<string, () => string>> = {
    INTERVAL: () => chance.one(["1", "2", "7", "86399", "1000", "2147483647", "99999999999999999999"]),
    BYMONTH: () => chance.one(["2", "2,4,6,9,11", "12", "1,2,3"]),
    BYMONTHDAY: () => chance.one(["29", "30", "31", "-31", "-30,-29", "31,-31", "1,2,3,4,5"]),
    BYYEARDAY: () => chance.one(["366", "-366", "60", "1,366"]),
    BYWEEKNO: () => chance.one(["53", "-53", "1", "20,53"]),
    BYDAY: () => chance.one(["MO", "-1FR", "5MO", "-53SU", "53MO", "SA,SU", "1MO,2TU,3WE"]),
    BYHOUR: () => chance.one(["2", "23", "0,6,12,18", digits(chance, 23)]),
    BYMINUTE: () => chance.one(["30", "59", digits(chance, 59)]),
    BYSECOND: () => chance.one(["0", "59", "60", digits(chance, 59)]),
    BYSETPOS: () => chance.one(["1", "-1", "366", "-366", "1,-1", "5,100,200"]),
    WKST: () => chance.one(["MO", "SU"]),
    COUNT: () => chance.one(["1", "2", "1000000", "2147483647"]),
    UNTIL: () => chance.one(["20270401T000000", "99991231T235959", "20270401T000000Z", "19700101"]),
  };
  const freq = chance.one(["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
  const chosen = chance.some(Object.entries(parts), 25).map(([name, make]) => `${name}=${make()}`);
  return [`FREQ=${freq}`, ...chosen].join(";");
}

const oddDates = (chance: Chance) => {
  const first = Date.UTC(2027, chance.whole(0, 11), chance.whole(1, 28), 9);
  const step = chance.one([1_000, 86_400_000, 31_536_000_000]);
  const length = chance.one([1, 50, 1_000]);
  return Array.from({ length }, (_, nth) => new Date(first + nth * step).toISOString().slice(0, 19));
};

const oddTimes = [
  ...["1970-01-01T00:00:00", "9999-12-31T23:59:59", "2027-03-28T02:30:00", "2027-10-31T02:30:00"],
  ...["2028-02-29T00:00:00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"],
];
const oddTime = from(...oddTimes);

/** What is right as it is written, and asks the most of whoever works with it. */
export const EXTREME: Words = {
  TimeZone: from("Africa/Casablanca", "Antarctica/Troll", "Pacific/Apia", "America/Scoresbysund", "utc", "EST5EDT"),
  cron: (chance) =>
    chance.often(50)
      ? oddCron(chance)
      : chance.one([
          ...["0 0 29 2 *", "0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 29 2 MON#5", "59 59 23 31 12 *", "* * * * * *"],
          ...["0 0 L-30 2 *", "0 0 31W 4 *", "0 0 29 2 1", "0 0 * 2 0#5", "30 2 28 3 *", "* * * * * 7"],
          ...[`${digits(chance, 59)} ${Array.from({ length: 60 }, (_, one) => one).join()} * * *`],
        ]),
  rrule: (chance) =>
    chance.often(60)
      ? oddRule(chance)
      : chance.one([
          ...["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTHDAY=1"],
          "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYHOUR=23;BYMINUTE=59;BYSECOND=59",
          ...["FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3", "FREQ=MINUTELY;INTERVAL=1441;BYYEARDAY=366"],
          ...[
            "FREQ=DAILY;INTERVAL=2147483647",
            "FREQ=HOURLY;INTERVAL=24;BYHOUR=5",
            "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
          ],
          ...["FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366"],
          "FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,10,20,30,40,50;BYSECOND=0,15,30,45;BYDAY=MO,TU,WE",
          `FREQ=DAILY;${"BYHOUR=1,2,3;".repeat(60)}`,
        ]),
  yearly: from({ month: 2, day: 29, time: "02:30" }, { month: 3, day: 28, time: "02:30" }),
  start: oddTime,
  exdates: oddDates,
  rdates: oddDates,
  at: oddTime,
  time: from("00:00", "02:30", "23:59:60", "24:00"),
  Point: oddTime,
  Duration: from(
    "PT1S",
    "P3660D",
    "P30D",
    "P7D",
    "PT0S",
    "PT0.001S",
    "P9999999999D",
    "P1Y",
    "-PT1S",
    "PT99999999999999999999S",
  ),
  every: from("PT1S", "P3660D", "PT86399S", "PT1.5S", "P1M"),
  spread: from("P30D", "PT1S", "PT0S"),
  Instant: from(
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "9998-01-01T00:00:00Z",
    "2027-03-14T09:00:00.123456789Z",
  ),
  after: from("1970-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "9000-01-01T00:00:00Z", "2100-02-28T00:00:00Z"),
  from: oddTime,
  until: oddTime,
  to: from("9999-12-31T23:59:59Z", "2027-01-02T00:00:00Z"),
  url: from(
    ...["https://receiver.test:99999/", "http://127.0.0.1/", "https://[::1]/", "https://xn--/", "https://a:b@c/"],
    ...[
      "https://receiver.test/\u0000",
      "https://例え.テスト/",
      "file:///etc/passwd",
      `https://x.test/${"a".repeat(2_020)}`,
    ],
    ...[
      "https://%31%32%37.0.0.1/",
      "HTTPS://RECEIVER.TEST",
      "https://0x7f.1/",
      "//receiver.test/",
      "https:receiver.test",
    ],
  ),
  kind: from("ftp", "__proto__", "constructor", " http"),
  headers: from(
    ...[{ host: "x" }, { "content-length": "1" }, { "": "x" }, { "x y": "1" }, { "x-a": "a\r\nb: c" }, { "x-a": "é" }],
    ...[
      { __proto__x: "1" },
      { "X-A": "1", "x-a": "2" },
      { "x-a": "y".repeat(4_096) },
      { "webhook-id": "1" },
      { "x-a": "" },
    ],
    Object.fromEntries(Array.from({ length: 200 }, (_, nth) => [`x-${nth}`, "1"])),
  ),
  labels: from(
    ...[{ constructor: "1" }, { "": "1" }, { team: "\ud800" }, { "x y": "1" }, { a: "\u0000" }, { A: "x".repeat(256) }],
    Object.fromEntries(Array.from({ length: 33 }, (_, nth) => [`l${nth}`, "1"])),
  ),
  label: from(
    ":",
    "a:",
    ":a",
    "a:\u0000",
    "a:\ud800",
    "__proto__:x",
    "constructor:y",
    ["a:1", "a:2"],
    `a:${"x".repeat(5_000)}`,
  ),
  key: from("\u0000", "\ud800", "é".repeat(256), "..", "/", "%2f", " ", "key-1", "__proto__", "\u202e"),
  secret: from("whsec_", "whsec_!!!!", "x", `whsec_${"A".repeat(249)}`, "whsec_AAAA"),
  dateOfBirth: from(
    "1900-02-29",
    "2100-01-01",
    "1899-12-31",
    "0000-00-00",
    "1990-3-14",
    "1990-02-30",
    "9999-12-31",
    "+01990-01-01",
  ),
  timezone: from("Mars/Olympus", "europe/berlin", "+01:00", "GMT+25", "Etc/GMT-14", "__proto__"),
  firstName: from("\u0000", "\ud800", " ", "\u202eabc", "a\nb", "á".repeat(101), "\u{10ffff}"),
  note: from("\u0007", "\ud800", " ", "\u2028", "x".repeat(257), "\u{1f469}\u200d\u{1f469}"),
  payload: from(
    "\u0000",
    "\ud800",
    { "\u0000": 1 },
    "x".repeat(262_143),
    { __proto__x: 1 },
    Array.from({ length: 20_000 }, () => 0),
  ),
  count: from(1, 1_000, 1_000_000_000, 999),
  limit: from(1, 200),
  minLatenessMs: from(0, Number.MAX_SAFE_INTEGER, 2 ** 31),
};
