import { EMF_METRICS, type EmfMetricName } from "./emf-metrics.js";

/** Of one metric in one line. The format also has a limit of 100 metrics, and there are not so many. */
const MOST_VALUES = 100;
/** CloudWatch takes no number beyond it, and none of the metrics comes near. */
const LARGEST = 2 ** 360;
const LONGEST_DIMENSION = 250;

/** What is measured where, such as `{ Outcome: "2xx" }`. */
export type Dimensions = Readonly<Record<string, string>>;

interface Group {
  readonly dimensions: Dimensions;
  readonly splits: readonly (readonly string[])[];
  readonly values: Map<EmfMetricName, number[]>;
}

/** Collects values and writes them in CloudWatch's embedded metric format: a line for each set of dimensions. */
export class EmfLines {
  readonly #namespace: string;
  readonly #base: Dimensions;
  readonly #groups = new Map<string, Group>();

  constructor(namespace: string, base: Dimensions) {
    this.#namespace = namespace;
    this.#base = written(base);
  }

  /** CloudWatch drops a whole line for one value that is none, so such a value is left out. */
  add(name: EmfMetricName, value: number, dimensions: Dimensions = {}): void {
    if (!Number.isFinite(value) || Math.abs(value) > LARGEST) return;
    const { splits } = EMF_METRICS[name];
    const key = JSON.stringify([splits, dimensions]);
    const group = this.#groups.get(key) ?? newGroup(splits, dimensions);
    this.#groups.set(key, group);
    const values = group.values.get(name) ?? [];
    group.values.set(name, values);
    values.push(value);
  }

  at(time: Date): readonly string[] {
    return [...this.#groups.values()].flatMap((group) => this.#linesOf(group, time.getTime()));
  }

  #linesOf({ dimensions, splits, values }: Group, timestamp: number): readonly string[] {
    const base = Object.keys(this.#base);
    const sets = [base, ...splits.map((split) => [...base, ...split])];
    const members = { ...this.#base, ...dimensions };
    return linesFor(values).map((line) => {
      const metrics = Object.keys(line).map((name) => ({ Name: name, Unit: EMF_METRICS[name as EmfMetricName].unit }));
      const directive = { Namespace: this.#namespace, Dimensions: sets, Metrics: metrics };
      return JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] }, ...members, ...line });
    });
  }
}

function newGroup(splits: Group["splits"], dimensions: Dimensions): Group {
  return { splits, dimensions: written(dimensions), values: new Map() };
}

/** As many lines as the metric with the most values needs. */
function linesFor(values: Group["values"]): readonly Readonly<Record<string, readonly number[]>>[] {
  const most = Math.max(...Array.from(values.values(), (all) => all.length));
  return Array.from({ length: Math.ceil(most / MOST_VALUES) }, (_, at) => {
    const parts = Array.from(
      values,
      ([name, all]) => [name, all.slice(at * MOST_VALUES, (at + 1) * MOST_VALUES)] as const,
    );
    return Object.fromEntries(parts.filter(([, part]) => part.length > 0));
  });
}

/** Printable letters alone, at least one, and not too many: CloudWatch takes no others. */
function written(dimensions: Dimensions): Dimensions {
  return Object.fromEntries(
    Object.entries(dimensions).map(([name, value]) => {
      const text = value.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_DIMENSION);
      return [name, text.trim() === "" || text.startsWith(":") ? "none" : text];
    }),
  );
}
