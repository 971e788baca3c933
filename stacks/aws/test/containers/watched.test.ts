import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { IN_CONTAINERS } from "../support/plans.js";
import { platformOf } from "../support/platform.js";

interface Sent {
  readonly exporters: {
    readonly awsemf: {
      readonly namespace: string;
      readonly metric_declarations: readonly {
        readonly dimensions: readonly (readonly string[])[];
        readonly metric_name_selectors: readonly string[];
      }[];
    };
  };
  readonly processors: {
    readonly "metricstransform/renamed": {
      readonly transforms: readonly { readonly operations: readonly { readonly new_value?: string }[] }[];
    };
  };
}

interface Container {
  readonly name: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

/** What the collectors of a platform send, as `Service=punctual-dev-worker,State Troubles`. */
function sentIn(graph: Graph): ReadonlySet<string> {
  const configs = graph.all("aws:ecs/taskDefinition:TaskDefinition").flatMap(({ inputs }) => {
    const containers = JSON.parse(String(inputs["containerDefinitions"])) as readonly Container[];
    return containers
      .flatMap(({ environment }) => environment)
      .filter(({ name }) => name === "COLLECTOR_CONFIG")
      .map(({ value }) => JSON.parse(value) as Sent);
  });
  return new Set(
    configs.flatMap(({ exporters, processors }) => {
      const [first] = processors["metricstransform/renamed"].transforms;
      const service = first?.operations.flatMap((one) => one.new_value ?? [])[0] ?? "";
      return exporters.awsemf.metric_declarations.flatMap(({ dimensions, metric_name_selectors: [name = ""] }) =>
        dimensions.map((set) => idOf(name.replace(/^\^|\$$/g, ""), service, set)),
      );
    }),
  );
}

function idOf(name: string, service: unknown, dimensions: readonly string[]): string {
  const others = dimensions.filter((one) => one !== "Service").toSorted();
  return `${name} of ${String(service)} by ${others.join()}`;
}

interface Metric {
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

function seenByAlarms(graph: Graph): readonly string[] {
  return graph.all("aws:cloudwatch/metricAlarm:MetricAlarm").flatMap(({ inputs }) => {
    const queries = (inputs["metricQueries"] ?? []) as readonly { readonly metric?: Metric }[];
    return [inputs as Metric, ...queries.flatMap(({ metric }) => metric ?? [])]
      .filter(({ namespace }) => namespace === "Punctual")
      .map(({ metricName = "", dimensions = {} }) => idOf(metricName, dimensions["Service"], Object.keys(dimensions)));
  });
}

function shownOn(graph: Graph): readonly string[] {
  const widgets = graph.all("aws:cloudwatch/dashboard:Dashboard").flatMap(({ inputs }) => {
    const body = JSON.parse(String(inputs["dashboardBody"])) as {
      readonly widgets: readonly { readonly properties: { readonly metrics?: readonly (readonly unknown[])[] } }[];
    };
    return body.widgets.flatMap(({ properties }) => properties.metrics ?? []);
  });
  return widgets
    .filter(([namespace]) => namespace === "Punctual")
    .map(([, name, ...rest]) => {
      const pairs = rest.slice(0, -1);
      const names = pairs.filter((_, at) => at % 2 === 0).map(String);
      return idOf(String(name), pairs[pairs.indexOf("Service") + 1], names);
    });
}

describe("What is looked at of containers", () => {
  for (const environment of ENVIRONMENTS) {
    it(`is sent by a collector in ${environment}: no alarm waits for what never comes`, async () => {
      const graph = await platformOf({ ...IN_CONTAINERS, environment });
      const sent = sentIn(graph);

      expect(seenByAlarms(graph)).to.have.length.above(8);
      expect(seenByAlarms(graph).filter((one) => !sent.has(one))).to.be.empty;
      expect(shownOn(graph)).to.have.length.above(15);
      expect(shownOn(graph).filter((one) => !sent.has(one))).to.be.empty;
    });
  }
});
