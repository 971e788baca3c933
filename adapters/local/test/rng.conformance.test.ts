import { describeRng } from "@punctual/core/conformance";
import { SystemRng } from "../src/index.js";

describeRng("SystemRng", () => new SystemRng());
