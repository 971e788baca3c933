import { expect } from "chai";
import { type Answer, daily, type Desk, desk, operationOf, problemsIn } from "./support/desk.js";

const WINDOW = { from: "2027-01-01T00:00:00Z", to: "2027-01-06T00:00:00Z" };

describe("GET /v1/reconcile", () => {
  let one: Desk;
  beforeEach(async () => {
    one = await desk();
    for (let count = 0; count < 5; count++) await one.ask(operationOf("createSchedule"), { body: daily });
    one.clock.advance(10 * 86_400_000);
  });
  afterEach(() => one.close());
  const reconcile = (query: Readonly<Record<string, string | number>>, as?: string) =>
    one.ask(operationOf("reconcile"), { query, ...(as !== undefined && { as }) });
  const countsIn = ({ json }: Answer) => [json["expected"], json["open"], json["difference"]];

  it("counts what should have happened", async () => {
    const whole = await reconcile(WINDOW);
    expect(countsIn(whole)).to.deep.equal([25, 25, 0]);
    expect(whole.json).not.to.have.property("nextCursor");
  });

  it("does so in parts, of which the sum is the whole", async () => {
    const counts: unknown[] = [];
    let cursor: string | undefined;
    do {
      const part = await reconcile({ ...WINDOW, limit: 2, ...(cursor !== undefined && { cursor }) });
      counts.push(countsIn(part));
      cursor = part.json["nextCursor"] as string | undefined;
    } while (cursor !== undefined);
    expect(counts).to.deep.equal([
      [10, 10, 0],
      [10, 10, 0],
      [5, 5, 0],
    ]);
  });

  it("goes on in its own window and tenant alone", async () => {
    const { json } = await reconcile({ ...WINDOW, limit: 2 });
    const cursor = String(json["nextCursor"]);
    for (const [query, as] of [
      [{ ...WINDOW, to: "2027-01-07T00:00:00Z" }, undefined],
      [WINDOW, "admin:other:ada"],
    ] as const) {
      const { status } = await reconcile({ ...query, cursor }, as);
      expect(status).to.equal(422);
    }
  });

  it("refuses a window that holds nothing, and a part of nothing", async () => {
    expect(problemsIn(await reconcile({ from: WINDOW.to, to: WINDOW.from }))).to.deep.equal(["/to inverted"]);
    for (const limit of [0, 5_001, "1e3"]) expect((await reconcile({ ...WINDOW, limit })).status).to.equal(422);
  });
});
