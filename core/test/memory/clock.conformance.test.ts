import { describeClock } from "../../src/conformance/clock.suite.js";
import { clockHarness } from "../support/memory-harnesses.js";

describeClock("MemoryClock", clockHarness());
