import { IntlZoneRules, Reconcile, Recurrence } from "@punctual/core";
import { expect } from "chai";
import { seed } from "../support/seed.js";
import { afterwards, migratedStores, TENANT } from "../support/stores.js";

describe("Reconcile, beside workers", () => {
  it("waits for no worker that holds an event, and sees it as it is", async () => {
    const { admin, unitOfWork } = await migratedStores({ lockTimeoutMs: 200 });
    await seed(admin, { schedules: 3, events: 3 });
    const timing = {
      timeZone: "Etc/UTC",
      gap: "shift",
      overlap: "first",
      leapDay: "feb28",
      when: { at: "2030-01-01T00:00:00" },
    };
    await admin.query("update schedules set timing = $1", [JSON.stringify(timing)]);
    const worker = await admin.connect();
    afterwards(async () => worker.release(true));
    await worker.query("begin; select id from events for update");
    const recurrence = new Recurrence(new IntlZoneRules({ version: "2030a" }));
    const reconcile = new Reconcile({ unitOfWork, recurrence });

    const report = await reconcile.run({ tenant: TENANT, from: new Date(0), to: new Date() });

    expect(report).to.deep.include({ expected: 0, difference: 0 });
  });
});
