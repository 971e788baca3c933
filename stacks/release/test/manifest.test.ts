import { expect } from "chai";
import path from "node:path";
import { Manifest } from "../src/manifest.js";
import { type Checkout, checkout, COMMIT } from "./support/checkout.js";

describe("Manifest", () => {
  let there: Checkout;
  beforeEach(async () => {
    there = await checkout();
  });
  afterEach(async () => there.remove());
  const objections = async (commit = COMMIT) => new Manifest(path.join(there.root, "artifacts")).objections(commit);

  it("has nothing against what is as it was built", async () => {
    expect(await objections()).to.be.empty;
  });

  it("tells everything that is not, at once", async () => {
    await there.put("artifacts/lambda/worker.zip", "w0rker");
    await there.put("artifacts/image-context.tar", "longer than it was");
    const told = await objections("d".repeat(40));
    expect(told).to.have.length(3);
    expect(told[0]).to.match(/^what was built is of c+, and this is d+$/);
    expect(told[1]).to.match(/^lambda\/worker.zip has the hash [\da-f]{64}, and the manifest [\da-f]{64}$/);
    expect(told[2]).to.equal("image-context.tar has 18 bytes, and the manifest 5");
  });

  it("tells that nothing was built, and of what is no manifest", async () => {
    await there.put("artifacts/artifacts.json", "{");
    expect((await objections())[0]).to.match(/is no manifest/);
    await there.remove();
    expect((await objections())[0]).to.match(/is not there: `npm run build:artifacts` makes it/);
  });
});
