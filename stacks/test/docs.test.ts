import { SETTING_NAMES } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

const document = resolve(import.meta.dirname, "../../../docs/stacks.md");

describe("docs/stacks.md", () => {
  it("says of every setting what it is for, and of nothing else", async () => {
    const text = await readFile(document, "utf8");
    const table = text.slice(text.indexOf("## Settings"), text.indexOf("\n## ", text.indexOf("## Settings") + 1));
    const told = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);

    expect(told).to.have.members([...SETTING_NAMES]);
  });
});
