import { describeStores } from "../../src/conformance/stores.suite.js";
import { memoryHarness } from "./memory-harness.js";

describeStores(memoryHarness());
