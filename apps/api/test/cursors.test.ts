import { InvalidInput } from "@punctual/core";
import { expect } from "chai";
import fc from "fast-check";
import { Cursors } from "../src/index.js";
import { type Answer, daily, type Desk, desk, operationOf } from "./support/desk.js";

const PLACE = "0198c0de-0000-7000-8000-000000000001";

/** What others make of a cursor; none of it is the cursor. */
function spoilt(cursor: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(cursor, "base64url");
  const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return [`bit ${bit} flipped`, copy.toString("base64url")] as const;
  });
  const cut = Array.from(
    { length: cursor.length },
    (_, length) => [`cut to ${length}`, cursor.slice(0, length)] as const,
  );
  const others: readonly (readonly [string, string])[] = [
    ["extended by a letter", `${cursor}A`],
    ["extended by four", `${cursor}AAAA`],
    ["begun by a letter", `A${cursor}`],
    ["padded once", `${cursor}=`],
    ["padded twice", `${cursor}==`],
    ["with a space behind", `${cursor} `],
    ["with a space in it", `${cursor.slice(0, 9)} ${cursor.slice(9)}`],
    ["with a line end", `${cursor}\n`],
    ["with a letter that is none of Base64", `${cursor.slice(0, 9)}!${cursor.slice(9)}`],
    ["in the Base64 of mail", bytes.toString("base64")],
    ["in hexadecimal digits", bytes.toString("hex")],
    ["in capitals", cursor.toUpperCase()],
    ["twice", cursor + cursor],
    ["its place alone", bytes.subarray(16).toString("base64url")],
    ["its place without a seal", PLACE],
  ];
  return [...flipped, ...cut, ...others].filter(([, one]) => one !== cursor);
}

describe("Cursors", () => {
  const cursors = new Cursors(Buffer.alloc(32, 7));

  const refused = (list: string, cursor: string, reader = cursors): boolean => {
    try {
      reader.read(list, cursor);
      return false;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      expect(error.problems.map(({ pointer, code }) => `${pointer} ${code}`)).to.deep.equal(["/cursor bad_cursor"]);
      return true;
    }
  };

  it("gives back the place that was written, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "grapheme" }), (list, place) => {
        expect(cursors.read(list, cursors.write(list, place))).to.equal(place);
      }),
    );
  });

  it("writes what can stand in an address as it is", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "grapheme" }), (list, place) => {
        expect(cursors.write(list, place)).to.match(/^[\w-]+$/);
      }),
    );
  });

  it("writes the same cursor each time", () => {
    expect(cursors.write("list", PLACE)).to.equal(new Cursors(Buffer.alloc(32, 7)).write("list", PLACE));
  });

  it("refuses one of another list", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (list, other, place) => {
        fc.pre(list !== other);
        expect(refused(other, cursors.write(list, place))).to.equal(true);
      }),
    );
  });

  it("does not take the end of a list's name for the begin of a place", () => {
    for (const [list, other, place] of [
      ["a", 'a"\n"b', "c"],
      ["a\n", "a", "\n"],
      ['a"', "a", '"'],
      ["", "a", "a"],
    ] as const) {
      expect(refused(other, cursors.write(list, place)), JSON.stringify([list, other, place])).to.equal(true);
    }
  });

  it("refuses one that was sealed by another key", () => {
    const other = new Cursors(Buffer.alloc(32, 8));
    expect(refused("list", other.write("list", PLACE))).to.equal(true);
    expect(refused("list", cursors.write("list", PLACE), other)).to.equal(true);
  });

  for (const place of [PLACE, `2027-01-01T08:00:00.000Z ${PLACE}`, "x", "xy", "xyz"]) {
    it(`refuses each one that is changed, however little: ${place}`, () => {
      const cursor = cursors.write("list", place);
      expect(refused("list", cursor)).to.equal(false);
      for (const [how, one] of spoilt(cursor)) expect(refused("list", one), how).to.equal(true);
    });
  }

  it("refuses every other spelling of the same bytes", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";
    for (const place of ["x", "xy", "xyz"]) {
      const cursor = cursors.write("list", place);
      for (const letter of letters) {
        const other = cursor.slice(0, -1) + letter;
        if (other !== cursor) expect(refused("list", other), other).to.equal(true);
      }
    }
  });

  it("refuses any text that it has not written", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "binary" })), (text) => {
        expect(refused("list", text)).to.equal(true);
      }),
    );
  });
});

describe("a cursor over HTTP", () => {
  let one: Desk;
  before(async () => {
    one = await desk();
    for (const as of ["admin:main:ada", "admin:other:eve"]) {
      for (const name of ["a", "b", "c"]) {
        const body = { ...daily, labels: { name, team: "x" } };
        await one.ask(operationOf("createSchedule"), { as, body });
        await one.ask(operationOf("createDestination"), { as, body: daily.destination });
        const user = { firstName: name, lastName: "L", dateOfBirth: "1990-12-10", timezone: "Europe/London" };
        await one.ask(operationOf("createUser"), { as, body: user });
      }
    }
  });
  after(async () => {
    await one.close();
    expect(one.troubles).to.deep.equal([]);
  });

  const LISTS = ["listSchedules", "listEvents", "listDestinations", "listUsers"];
  type Query = Readonly<Record<string, string | number | readonly string[]>>;

  const list = (id: string, query: Query, as = "admin:main:ada") => one.ask(operationOf(id), { query, as });
  const cursorOf = async (id: string, query: Query = {}, as?: string): Promise<string> => {
    const { json, text } = await list(id, { ...query, limit: 1 }, as);
    if (typeof json.nextCursor === "string") return json.nextCursor;
    throw new Error(`No cursor in ${text}`);
  };
  const expectRefusal = ({ status, json }: Answer, how: string) => {
    const problems = (json.errors ?? []) as readonly { readonly pointer: string; readonly code: string }[];
    const told = [status, ...problems.map(({ pointer, code }) => `${pointer} ${code}`)];
    expect(told, how).to.deep.equal([422, "/cursor bad_cursor"]);
  };

  for (const id of LISTS) {
    it(`is none of another tenant: ${id}`, async () => {
      const cursor = await cursorOf(id);
      expectRefusal(await list(id, { cursor }, "admin:other:eve"), "another tenant");
    });

    it(`is none of another list: ${id}`, async () => {
      const cursor = await cursorOf(id);
      for (const other of LISTS) {
        if (other !== id) expectRefusal(await list(other, { cursor }), other);
      }
    });

    it(`fits whatever the limit is, and whoever of the tenant asks: ${id}`, async () => {
      const cursor = await cursorOf(id);
      const all = (await list(id, {})).json.items as readonly object[];
      expect(all).to.have.length.above(2);
      for (const limit of [1, 2, 50, 200]) {
        const { json } = await list(id, { cursor, limit }, "service:main:robot");
        expect(json.items).to.deep.equal(all.slice(1, 1 + limit));
      }
    });
  }

  const filters: readonly (readonly [string, Query, Query])[] = [
    ["listSchedules", {}, { type: "report.due" }],
    ["listSchedules", { type: "report.due" }, {}],
    ["listSchedules", { type: "report.due" }, { type: "birthday" }],
    ["listSchedules", { status: "active" }, { status: "paused" }],
    ["listSchedules", { timeZone: "Europe/Berlin" }, { timeZone: "Europe/London" }],
    ["listSchedules", { type: "report.due" }, { type: "report.due", status: "active" }],
    ["listSchedules", { label: "team:x" }, { label: ["team:x", "name:a"] }],
    ["listSchedules", { label: "team:x" }, { label: "team:y" }],
    ["listEvents", {}, { state: "PENDING" }],
    ["listEvents", { type: "report.due" }, { type: "birthday" }],
  ];

  for (const [id, filter, other] of filters) {
    it(`is none of another filter: ${id} ${JSON.stringify(filter)}, ${JSON.stringify(other)}`, async () => {
      const cursor = await cursorOf(id, filter);
      expect((await list(id, { ...filter, cursor })).status).to.equal(200);
      expectRefusal(await list(id, { ...other, cursor }), "another filter");
    });
  }

  it("is refused when it is changed, however little", async () => {
    const cursor = await cursorOf("listSchedules");
    const tries = spoilt(cursor).filter(([, text]) => text !== "");
    expect(tries).to.have.length.above(400);
    for (const [how, text] of tries) expectRefusal(await list("listSchedules", { cursor: text }), how);
  });

  it("is refused when it is given twice", async () => {
    const cursor = await cursorOf("listSchedules");
    expect((await list("listSchedules", { cursor: [cursor, cursor] })).status).to.equal(422);
  });

  it("leads on even where the schedule at which the page ended is deleted", async () => {
    const first = await list("listSchedules", { limit: 1, type: "report.due" });
    const all = (await list("listSchedules", { type: "report.due" })).json.items as readonly object[];
    const [last] = first.json.items as readonly [{ readonly id: string }];
    await one.ask(operationOf("deleteSchedule"), { params: { id: last.id }, headers: { "if-match": "*" } });
    const { json } = await list("listSchedules", { type: "report.due", cursor: String(first.json.nextCursor) });
    expect(json.items).to.deep.equal(all.slice(1));
  });
});
