import { describeIds } from "@punctual/core/conformance";
import { RandomIds } from "../src/index.js";

describeIds("RandomIds", () => new RandomIds());
