import { expect } from "chai";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

describe("HttpSender: memory", () => {
  it("grows by less than 20 MB over 1,000 hostile answers", async function () {
    this.timeout(120_000);
    // A peak is also what the machine lets it be: what the program itself needs, it needs each time.
    this.retries(2);
    const script = fileURLToPath(new URL("support/hostile.js", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
    const report = JSON.parse(stdout) as {
      hostile: number;
      grownMb: number;
      keptMb: number;
      outcomes: Record<string, number>;
    };
    console.log(`      ${stdout.trim()}`);
    expect(report.hostile).to.equal(1_000);
    expect(report.grownMb).to.be.lessThan(20);
    expect(report.keptMb).to.be.lessThan(5);
    // All kinds of answers came, or it would say nothing.
    expect(report.outcomes).to.have.all.keys("200", "timeout", "reset", "protocol");
  });
});
