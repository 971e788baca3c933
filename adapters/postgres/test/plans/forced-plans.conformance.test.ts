import { describeEventStore } from "@punctual/core/conformance";
import { postgresHarness } from "../support/harness.js";
import { FORCED_PLANS } from "./forced-plans.js";

for (const [name, settings] of Object.entries(FORCED_PLANS)) {
  describe(`by ${name}`, () => describeEventStore(postgresHarness({ settings, name: `PostgreSQL by ${name}` })));
}
