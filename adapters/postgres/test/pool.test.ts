import { expect } from "chai";
import { POSTGRES_DEFAULTS } from "../src/config.js";
import { makePool, parseInstant } from "../src/pool.js";
import { freshDatabase } from "./support/database.js";

describe("parseInstant", () => {
  const cases = [
    ["2026-11-21 06:13:04+00", "2026-11-21T06:13:04.000Z"],
    ["2026-11-21 06:13:04.1+00", "2026-11-21T06:13:04.100Z"],
    ["2026-11-21 06:13:04.123456+00", "2026-11-21T06:13:04.123Z"],
    ["2026-11-21 11:43:04.5+05:30", "2026-11-21T06:13:04.500Z"],
    ["2026-11-20 22:13:04-08", "2026-11-21T06:13:04.000Z"],
    ["1970-01-01 00:00:00+00", "1970-01-01T00:00:00.000Z"],
    ["9999-12-31 23:59:59.999+00", "9999-12-31T23:59:59.999Z"],
  ] as const;
  for (const [text, instant] of cases) {
    it(`reads ${text}`, () => {
      expect(parseInstant(text).toISOString()).to.equal(instant);
    });
  }
});

describe("a pool", () => {
  it("reads instants alike in whatever zone the database shows them, whole numbers as numbers, days as text", async () => {
    const { url, name } = await freshDatabase();
    const config = { ...POSTGRES_DEFAULTS, url, poolSize: 1 };
    const row = async () => {
      const pool = makePool(config);
      const text =
        "select '2026-07-01T12:00:00.25Z'::timestamptz as at, 9007199254740991::bigint as fence, '2026-02-28'::date as day";
      const { rows } = await pool.query(text);
      await pool.end();
      return rows[0] as unknown;
    };
    const expected = { at: new Date("2026-07-01T12:00:00.250Z"), fence: Number.MAX_SAFE_INTEGER, day: "2026-02-28" };

    const before = await row();
    const pool = makePool(config);
    await pool.query(`alter database ${name} set timezone = 'Asia/Kolkata'`);
    await pool.end();

    expect(before).to.deep.equal(expected);
    expect(await row()).to.deep.equal(expected);
  });
});

describe("the password of a pool", () => {
  it("is asked for again for each new connection", async () => {
    const { url } = await freshDatabase();
    const bare = new URL(url);
    const right = decodeURIComponent(bare.password);
    bare.password = "";
    const answers = [right, "wrong", right];
    const pool = makePool({
      ...{ ...POSTGRES_DEFAULTS, url: bare.href, poolSize: 1 },
      password: async () => answers.shift() ?? "none left",
    });
    const outcomes: unknown[] = [];
    for (let time = 0; time < 3; time++) {
      const client = await pool.connect().catch((error: unknown) => error);
      outcomes.push(client instanceof Error ? (client as { code?: string }).code : "connected");
      if (!(client instanceof Error)) (client as { release(destroy: boolean): void }).release(true);
    }
    await pool.end();

    expect(outcomes).to.deep.equal(["connected", "28P01", "connected"]);
    expect(answers).to.deep.equal([]);
  });
});
