import { describeFailpoints } from "../../src/conformance/failpoints.suite.js";
import { NO_FAILPOINTS } from "../../src/ports/failpoints.js";
import { failpointsHarness } from "../support/memory-harnesses.js";

describeFailpoints("MemoryFailpoints", failpointsHarness());
describeFailpoints("NO_FAILPOINTS", { armed: false, open: () => ({ failpoints: NO_FAILPOINTS }) });
