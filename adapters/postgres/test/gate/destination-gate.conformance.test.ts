import { describeDestinationGate } from "@punctual/core/conformance";
import { gateHarness } from "./gate-harness.js";

describeDestinationGate("PostgresDestinationGate", gateHarness());
