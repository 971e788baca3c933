import { describeClock } from "@punctual/core/conformance";
import { expect } from "chai";
import { machineTime } from "../../src/conformance/index.js";

describeClock("The clock of machineTime", {
  steps: false,
  open: () => {
    const { clock, pass } = machineTime();
    return { clock, pass, patienceMs: 100, step: () => expect.fail("It cannot be set") };
  },
});
