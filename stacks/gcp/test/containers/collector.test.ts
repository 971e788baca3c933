import { expect } from "chai";
import { configOf, containersConfigOf } from "../../src/collector.js";
import { workloadOf } from "../../src/containers/containers.js";
import { blueprintIn, settingsIn } from "../support/platform.js";

const plan = { own: settingsIn("production"), blueprint: blueprintIn("production", { runtime: "containers" }) };

describe("The collector beside a container", () => {
  const text = containersConfigOf(plan, workloadOf(plan, "worker"));
  const told = JSON.parse(text.replaceAll("$$", "$")) as ReturnType<typeof configOf>;

  it("says whose it is, and where, before it says of which instance", () => {
    expect(told.processors.resource.attributes).to.deep.equal([
      { key: "gcp.project_id", value: "acme-punctual-dev", action: "upsert" },
      // The program says that it is `punctual`, so what it says is replaced.
      { key: "service.name", value: "punctual-production-worker", action: "upsert" },
      { key: "cloud.region", value: "europe-west1", action: "insert" },
      { key: "service.instance.id", from_attribute: "faas.instance", action: "insert" },
    ]);
  });

  it("does all else as it does beside a service", () => {
    const { resource: mine, ...rest } = told.processors;
    const { resource: its, ...others } = configOf(plan).processors;

    expect(mine).not.to.deep.equal(its);
    expect({ ...told, processors: rest }).to.deep.equal({ ...configOf(plan), processors: others });
  });
});
