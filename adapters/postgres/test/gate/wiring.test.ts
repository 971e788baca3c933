import { ports } from "@punctual/core/wiring";
import { expect } from "chai";
import { Container } from "inversify";
import { POSTGRES_DEFAULTS } from "../../src/config.js";
import { PostgresDestinationGate } from "../../src/stores/destination-gate.js";
import { postgresStores } from "../../src/wiring.js";
import { migratedDatabase } from "../support/stores.js";
import { requestOf } from "./gates.js";

describe("postgresStores", () => {
  it("binds one gate for the process, which works", async () => {
    const { url } = await migratedDatabase();
    const stores = postgresStores({ ...POSTGRES_DEFAULTS, url });
    const container = new Container();
    container.load(stores.module);

    const gate = container.get(ports.gate);
    const admissions = await gate.admit([1, 2].map((n) => requestOf({ concurrency: 1 }, n)));
    await stores.close();

    expect(gate).to.be.instanceOf(PostgresDestinationGate).and.equal(container.get(ports.gate));
    expect(admissions.map(({ kind }) => kind)).to.deep.equal(["go", "later"]);
  });
});
