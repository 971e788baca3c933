import { describeTransport } from "../../src/conformance/transport.suite.js";
import { transportHarness } from "../support/memory-harnesses.js";

describeTransport("MemoryTransport", transportHarness());
