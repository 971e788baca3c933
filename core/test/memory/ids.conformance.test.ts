import { describeIds } from "../../src/conformance/ids.suite.js";
import { SequentialIds } from "../../src/memory/chance.js";

describeIds("SequentialIds", () => new SequentialIds());
