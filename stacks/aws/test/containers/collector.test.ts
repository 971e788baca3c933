import type { EnvironmentName } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { METRICS } from "../../src/containers/metrics.js";
import { containerOf, recorded } from "./support/recorded.js";

describe("The collector beside a task", () => {
  const graphOf = recorded();

  interface Config {
    readonly processors: {
      readonly "filter/known": {
        readonly metrics: { readonly include: { readonly metric_names: readonly string[] } };
      };
      readonly "metricstransform/renamed": { readonly transforms: readonly Transform[] };
      readonly probabilistic_sampler: { readonly sampling_percentage: number };
    };
    readonly exporters: { readonly awsemf: Readonly<Record<string, unknown>> };
  }
  interface Transform {
    readonly include: string;
    readonly new_name: string;
    readonly operations: readonly object[];
  }
  const configIn = (environment: EnvironmentName, workload: string): Config => {
    const { environment: told } = containerOf(graphOf(environment), environment, workload, "collector");
    expect(told.map(({ name }) => name)).to.deep.equal(["COLLECTOR_CONFIG"]);
    return JSON.parse(told[0]?.value ?? "") as Config;
  };

  it("renames what the program measures, into the units of CloudWatch, and says whose it is", () => {
    const { processors, exporters } = configIn("production", "worker");
    const { transforms } = processors["metricstransform/renamed"];
    const age = transforms.find(({ new_name: name }) => name === "OldestDueAge");
    expect(age).to.deep.equal({
      include: "punctual_oldest_due_age_seconds",
      action: "update",
      new_name: "OldestDueAge",
      operations: [
        { action: "experimental_scale_value", experimental_scale: 1_000 },
        { action: "add_label", new_label: "Service", new_value: "punctual-production-worker" },
      ],
    });
    expect(exporters.awsemf).to.include({ namespace: "Punctual", log_group_name: "/punctual-production/metrics" });
    expect(exporters.awsemf).to.include({
      dimension_rollup_option: "NoDimensionRollup",
      retain_initial_value_of_delta_metric: true,
    });
    expect(exporters.awsemf["metric_declarations"]).to.deep.include({
      dimensions: [["Service"], ["Service", "State"]],
      metric_name_selectors: ["^EventsFinished$"],
    });
  });

  it("knows every metric that it forwards, and forwards no other", () => {
    const { processors } = configIn("dev", "api");
    expect(processors["filter/known"].metrics.include.metric_names).to.deep.equal(METRICS.map(({ from }) => from));
  });

  it("knows numbers by the names that the program and its functions have", async () => {
    const [measured, shown] = await Promise.all(
      ["telemetry/src/metrics/instruments.ts", "aws/src/telemetry/emf-metrics.ts"].map(async (path) =>
        readFile(new URL(`../../../../../adapters/${path}`, import.meta.url), "utf8"),
      ),
    );
    for (const { from, to, unit, split } of METRICS) {
      expect(measured, from).to.include(`"${from}"`);
      expect(shown, to).to.match(new RegExp(`^  ${to}: metric\\("${unit}"`, "m"));
      if (split !== undefined) expect(shown, to).to.match(new RegExp(`^  ${to}: .*\\["${split.dimension}"\\]`, "m"));
    }
  });

  it("keeps one trace of twenty where there are many", () => {
    expect(configIn("dev", "api").processors.probabilistic_sampler.sampling_percentage).to.equal(100);
    expect(configIn("production", "api").processors.probabilistic_sampler.sampling_percentage).to.equal(5);
  });
});
