import { expect } from "chai";
import type { Ids } from "../ports/ids.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MANY = 20_000;

export function describeIds(adapter: string, open: () => Ids): void {
  describe(`${adapter} as Ids`, () => {
    it("gives UUIDs in lower case (N1)", () => {
      const ids = open();
      for (let round = 0; round < MANY; round++) {
        const id = ids.next();
        if (!UUID.test(id)) expect.fail(`${id} is no UUID in lower case`);
      }
    });

    it("gives no id twice (N2)", () => {
      const ids = open();
      const given = new Set(Array.from({ length: MANY }, () => ids.next()));
      expect(given.size).to.equal(MANY);
    });
  });
}
