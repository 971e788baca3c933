import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { DOCUMENT, written } from "../policy-table.mjs";

describe("the table of policies", () => {
  it("stands in docs/policies.md as the rules have it (npm run policies -- --write)", async () => {
    const document = await readFile(DOCUMENT, "utf8");

    expect(await written(document)).to.equal(document);
  });

  it("needs its marks", async () => {
    const refused = await written("# Policies").catch((error) => error.message);

    expect(refused).to.contain("docs/policies.md has no <!-- policies");
  });
});
