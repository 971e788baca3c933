import { describeSecrets } from "../../src/conformance/secrets.suite.js";
import { secretsHarness } from "../support/memory-harnesses.js";

describeSecrets("MemorySecrets", secretsHarness());
