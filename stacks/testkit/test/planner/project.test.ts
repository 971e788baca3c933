import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { readProject, readSettings, stacksOf } from "../../src/planner/project.js";

const SHOP = fileURLToPath(new URL("../../../test/fixtures/shop/", import.meta.url));

describe("A project", () => {
  it("is read from its Pulumi.yaml: where its program is, its stacks, and what they are told", async () => {
    const project = await readProject(SHOP);

    expect(project).to.deep.include({
      ...{ name: "shop", root: SHOP, folder: path.resolve(SHOP), entry: "program.js" },
      ...{ configFolder: path.join(SHOP, "config"), declared: { colour: { type: "string", default: "red" } } },
    });
    expect(await stacksOf(project)).to.deep.equal(["fake-dev"]);
    expect(await readSettings(project, "fake-dev")).to.deep.equal({ "shop:shelf": { boxes: 2 } });
  });

  describe("elsewhere", () => {
    let folder: string;
    const withText = async (text: string) => {
      await writeFile(path.join(folder, "Pulumi.yaml"), text);
      return readProject(folder);
    };

    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "project-"));
    });
    afterEach(async () => rm(folder, { recursive: true }));

    it("runs its own folder, which holds the files of its stacks, where it says nothing else", async () => {
      const { configFolder, entry, ...project } = await withText("name: shop\nruntime: nodejs\n");

      expect(project.folder).to.equal(folder);
      expect(configFolder).to.equal(folder);
      expect(entry).to.equal(".");
    });

    it("has no program outside of it", async () => {
      let refused: unknown;
      await withText("name: shop\nmain: ../other\n").catch((error: unknown) => (refused = error));

      expect(String(refused)).to.contain("main of Pulumi.yaml must be a folder or a file below it, and is ../other");
    });

    it("takes a file without settings for none", async () => {
      const project = await withText("name: shop\n");
      await writeFile(path.join(folder, "Pulumi.dev.yaml"), "# nothing yet\n");

      expect(await stacksOf(project)).to.deep.equal(["dev"]);
      expect(await readSettings(project, "dev")).to.deep.equal({});
    });
  });
});
