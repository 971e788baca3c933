import {
  type Blueprint,
  blueprintOf,
  type Cloud,
  ENVIRONMENTS,
  type EnvironmentName,
  type ObjectiveId,
  type QueueName,
  type Raw,
  readSettings,
  type Runtime,
  type WorkloadName,
} from "@punctual/stack-blueprint";
import { expect } from "chai";
import type { Graph } from "../graph.js";
import { record } from "../recorder.js";
import type { World } from "../world.js";

/** What a cloud has made, in the words of the blueprint. */
export interface CloudView {
  readonly workloads: Readonly<Partial<Record<WorkloadName, WorkloadView>>>;
  readonly queues: Readonly<Partial<Record<QueueName, QueueView>>>;
  readonly watched: readonly ObjectiveId[];
}

export interface WorkloadView {
  /** The variables that it is given; those that are secrets by the names alone. */
  readonly bindings: Readonly<Record<string, string>>;
  /** What it may do, as this cloud says it. */
  readonly grants: readonly string[];
  /** What its needs come to, in the same words. */
  readonly needed: readonly string[];
}

export interface QueueView {
  readonly deadLetters: { readonly to: QueueName; readonly after: number } | null;
}

export interface CloudHarness {
  readonly cloud: Cloud;
  readonly world: World;
  /** Settings of the cloud's own that are good, by environment. */
  readonly own: (environment: EnvironmentName) => unknown;
  /** A zone for a name, as its DNS calls one. */
  readonly zone: string;
  /** Settings of its own with at least two things wrong, and a word that each complaint holds. */
  readonly wrong: { readonly own: unknown; readonly complaints: readonly string[] };
  readonly view: (graph: Graph, blueprint: Blueprint) => CloudView;
  /** What the application itself says is wrong with the variables that a workload is given. */
  readonly wrongBindings: (
    workload: WorkloadName,
    bindings: WorkloadView["bindings"],
    blueprint: Blueprint,
  ) => readonly string[];
  /** Workloads that this cloud does without, and why; objectives likewise. */
  readonly without?: Readonly<Partial<Record<WorkloadName | ObjectiveId, string>>>;
  /** What it cannot be run on, and why: those shapes are skipped. */
  readonly cannot?: Readonly<Partial<Record<Runtime, string>>>;
  /** The fewest times that its queues can have a message taken before it is a dead letter. */
  readonly leastReceives?: number;
}

const tokens = { kind: "secret", issuer: "https://accounts.example.com/", audience: "punctual" };
const SHAPES: readonly Raw[] = [{}, { scheduler: "single-stage" }, { runtime: "containers" }];

/** What every cloud promises (`Cloud`, C1 to C5), asked in each environment and each shape. */
export function describeCloud(name: string, harness: CloudHarness): void {
  const { cloud, without = {}, cannot = {}, leastReceives = 1 } = harness;

  describe(`${name} as a Cloud`, () => {
    it("tells everything that is wrong with its settings at once (C1)", () => {
      const complaints = cloud.readSettings(harness.wrong.own).wrong?.join("\n") ?? "none";

      for (const complaint of harness.wrong.complaints) expect(complaints).to.contain(complaint);
    });

    for (const environment of ENVIRONMENTS) {
      for (const shape of SHAPES) {
        const blueprint = blueprintIn(harness, environment, shape);
        const { runtime, scheduler } = blueprint.settings.shape;
        const reason = cannot[runtime];
        if (reason !== undefined) {
          it.skip(`in ${environment}, ${runtime}: ${reason}`);
          continue;
        }
        describe(`in ${environment}, ${runtime}, ${scheduler}`, () => {
          let graph: Graph;
          let unknown: Graph;
          let view: CloudView;

          before(async () => {
            graph = await provisioned(harness, blueprint, environment, false);
            unknown = await provisioned(harness, blueprint, environment, true);
            view = harness.view(graph, blueprint);
          });

          it("runs every workload, each with what its needs come to and no more (C2)", () => {
            const wanted = blueprint.workloads.filter((one) => without[one.name] === undefined);
            expect(Object.keys(view.workloads)).to.have.members(wanted.map((one) => one.name));
            for (const [workload, { grants, needed }] of Object.entries(view.workloads)) {
              expect(grants.toSorted(), workload).to.deep.equal(needed.toSorted());
            }
          });

          it("gives every workload all variables that it reads, and none that it does not (C2)", () => {
            for (const [workload, { bindings }] of Object.entries(view.workloads)) {
              expect(harness.wrongBindings(workload as WorkloadName, bindings, blueprint), workload).to.be.empty;
            }
          });

          it("has every queue, and gives to its dead letters what was taken too often (C3)", () => {
            const wanted = blueprint.queues.map(({ name: queue, deadLetters }) => [
              queue,
              deadLetters && { ...deadLetters, after: Math.max(deadLetters.after, leastReceives) },
            ]);
            const made = Object.entries(view.queues).map(([queue, { deadLetters }]) => [queue, deadLetters]);
            expect(made).to.have.deep.members(wanted);
          });

          it("watches every objective (C4)", () => {
            const wanted = blueprint.objectives.filter(({ id }) => without[id] === undefined).map(({ id }) => id);
            expect([...new Set(view.watched)]).to.have.members(wanted);
          });

          it("has the platform above everything, and no provider by default (C5)", () => {
            const alone = graph.resources.filter(
              (one) => !isPulumis(one.type) && !graph.ancestorsOf(one).some(({ type }) => type.endsWith(":Platform")),
            );
            expect(alone.map(({ urn, type }) => (type.endsWith(":Platform") ? "" : urn)).filter(Boolean)).to.be.empty;
            const byDefault = graph.resources.filter(
              (one) => one.custom && !isPulumis(one.type) && !isNamed(one.provider),
            );
            expect(byDefault.map(({ urn }) => urn)).to.be.empty;
          });

          it("plans the same where nothing is known yet", () => {
            expect(unknown.types()).to.deep.equal(graph.types());
          });
        });
      }
    }
  });
}

function blueprintIn({ cloud, zone }: CloudHarness, environment: EnvironmentName, shape: Raw): Blueprint {
  const named = { domain: "punctual.example.com", zone };
  const raw = {
    environment,
    tokens,
    alertEmail: "alerts@example.com",
    pagerUrl: "https://pager.example.com/1",
    ...named,
    ...shape,
  };
  const { ok, wrong } = readSettings(raw, { cloud: cloud.name, environment });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return blueprintOf("punctual", cloud.name, ok);
}

async function provisioned(
  { cloud, own, world }: CloudHarness,
  blueprint: Blueprint,
  environment: EnvironmentName,
  preview: boolean,
): Promise<Graph> {
  const settings = cloud.readSettings(own(environment));
  const wrong = settings.wrong ?? cloud.objections(settings.ok, blueprint);
  if (wrong.length > 0) throw new RangeError(wrong.join("\n"));
  return record({ stack: `${cloud.name}-${environment}`, preview, world }, () =>
    cloud.provision(settings.ok, blueprint),
  );
}

function isPulumis(type: string): boolean {
  return type.startsWith("pulumi:");
}

/** A provider that the program made itself has a name of its own. */
function isNamed(provider: string | undefined): boolean {
  return provider !== undefined && !/::default(_[\w.]+)?::/.test(provider);
}
