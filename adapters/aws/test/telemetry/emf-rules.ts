import { expect } from "chai";

export interface EmfLine extends Readonly<Record<string, unknown>> {
  readonly _aws: { readonly Timestamp: number; readonly CloudWatchMetrics: readonly Directive[] };
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

const UNITS = new Set(["Count", "Milliseconds", "Seconds", "Bytes", "Percent", "None"]);

/** Reads a line, and checks it by what the specification of the embedded metric format asks for. */
export function readEmf(text: string): EmfLine {
  expect(text, "one line").not.to.match(/[\r\n]/);
  expect(Buffer.byteLength(text), "bytes").to.be.at.most(256 * 1_024);
  const line = JSON.parse(text) as EmfLine;
  expect(Object.keys(line._aws).sort()).to.deep.equal(["CloudWatchMetrics", "Timestamp"]);
  expect(line._aws.Timestamp).to.satisfy(Number.isSafeInteger).and.to.be.greaterThan(1e12);
  expect(line._aws.CloudWatchMetrics).to.be.an("array").and.have.length(1);
  const used = new Set(["_aws"]);
  for (const { Namespace, Dimensions, Metrics, ...others } of line._aws.CloudWatchMetrics) {
    expect(others, "members of a directive").to.deep.equal({});
    expect(Namespace).to.match(/^(?!AWS\/)[\w.\-/#:]{1,255}$/);
    expect(Dimensions.length).to.be.greaterThan(0);
    for (const set of Dimensions) {
      expect(set.length).to.be.within(1, 30);
      expect(new Set(set).size, "no dimension twice").to.equal(set.length);
      for (const name of set) {
        used.add(name);
        expect(name).to.match(/^[\x20-\x7e]{1,250}$/);
        expect(line[name], `the dimension ${name}`)
          .to.be.a("string")
          .and.match(/^(?!:)(?=.*\S)[\x20-\x7e]{1,1024}$/);
      }
    }
    expect(Metrics.length).to.be.within(1, 100);
    expect(new Set(Metrics.map(({ Name }) => Name)).size, "no metric twice").to.equal(Metrics.length);
    for (const { Name, Unit, ...more } of Metrics) {
      used.add(Name);
      expect(more, "members of a metric").to.deep.equal({});
      expect(Name).to.match(/^[\x20-\x7e]{1,1024}$/);
      expect(UNITS.has(Unit), Unit).to.equal(true);
      const values = line[Name] as readonly unknown[];
      expect(values, `the metric ${Name}`).to.be.an("array");
      expect(values.length).to.be.within(1, 100);
      for (const value of values) {
        expect(value).to.be.a("number");
        expect(Math.abs(value as number)).to.be.at.most(2 ** 360);
      }
    }
  }
  expect(Object.keys(line).sort(), "members of the root").to.deep.equal([...used].sort());
  return line;
}
