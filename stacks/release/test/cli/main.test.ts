import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../src/main.js", import.meta.url));

describe("npm run release", () => {
  async function ends(args: readonly string[], env: object = {}) {
    const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...env }, stdio: "pipe" });
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close") as Promise<[number]>]);
    return { said, code };
  }

  it("says what it can do", async () => {
    const { said, code } = await ends(["--help"]);
    expect(code).to.equal(0);
    for (const command of ["plan", "deploy", "shift", "verify", "rollback"]) expect(said).to.include(`-- ${command} `);
  });

  it("refuses a stack that there is none of, with 2", async () => {
    const { said, code } = await ends(["plan", "--stack", "moon-dev"]);
    expect([code, said.includes("a stack is called <")]).to.deep.equal([2, true]);
  });

  it("is told by PULUMI where Pulumi is, and ends with 3 where it is not", async () => {
    const { said, code } = await ends(["verify", "--stack", "gcp-staging"], { PULUMI: "/nowhere/pulumi" });
    expect([code, said]).to.deep.equal([
      3,
      "There is no program /nowhere/pulumi: install Pulumi, or say with PULUMI where it is\n",
    ]);
  });
});
