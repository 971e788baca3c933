import { describeWakeUps } from "../../src/conformance/wake-ups.suite.js";
import { wakeUpsHarness } from "../support/memory-harnesses.js";

describeWakeUps("MemoryWakeUps", wakeUpsHarness());
