import { describeDestinationGate } from "../../src/conformance/destination-gate.suite.js";
import { gateHarness } from "../support/memory-harnesses.js";

describeDestinationGate("MemoryDestinationGate", gateHarness());
