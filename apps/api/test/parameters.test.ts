import { expect } from "chai";
import { contract } from "../src/contract/index.js";
import { type Desk, desk, problemsIn } from "./support/desk.js";

const NOBODY = "0198c0de-0000-7000-8000-000000000001";

describe("a parameter that an operation does not have", () => {
  let one: Desk;
  before(async () => (one = await desk()));
  after(() => one.close());

  for (const operation of contract) {
    const open = operation.access === "anybody";
    it(`is ${open ? "left alone" : "refused"}: ${operation.id}`, async () => {
      const answer = await one.ask(operation, {
        params: { id: NOBODY, key: "none", tenant: "main", file: "start.js" },
        query: { colour: "red" },
        headers: { ...(operation.ifMatch && { "if-match": "*" }), ...(operation.lines && NDJSON) },
        ...(operation.body !== undefined && { text: "{}" }),
      });
      const told = problemsIn(answer).filter((problem) => problem.startsWith("/colour"));
      expect(told, answer.text).to.deep.equal(open ? [] : ["/colour unknown_field"]);
    });
  }
});

const NDJSON = { "content-type": "application/x-ndjson" };
