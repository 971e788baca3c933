import { describeStores } from "@punctual/core/conformance";
import { postgresHarness } from "../support/harness.js";

const harness = postgresHarness();

describeStores(harness);
