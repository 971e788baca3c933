import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import { setMockOptions } from "@pulumi/pulumi/runtime/settings.js";
import * as state from "@pulumi/pulumi/runtime/state.js";
import { Graph, type Planned } from "./graph.js";
import { plannedOf } from "./registered.js";
import { answerOf, EMPTY_WORLD, type World } from "./world.js";

export interface Recording {
  readonly project?: string;
  readonly stack?: string;
  /** Whether nothing is known that a provider would say: then code shows that branches on it. */
  readonly preview?: boolean;
  readonly world?: World;
}

type Answer = (error: unknown, response: { getUrn(): string } | undefined) => void;

class RecordingMonitor extends MockMonitor {
  readonly planned: Planned[] = [];
  /** URNs that were registered more than once, which the engine refuses. */
  readonly twice: string[] = [];

  override async registerResource(asked: RegisterResourceRequest, answer: Answer): Promise<void> {
    return super.registerResource(asked, (error: unknown, response: { getUrn(): string } | undefined) => {
      if (response !== undefined) {
        const urn = response.getUrn();
        if (this.planned.some((one) => one.urn === urn)) this.twice.push(urn);
        this.planned.push(plannedOf(urn, asked));
      }
      answer(error, response);
    });
  }
}

/** Where Pulumi keeps what the engine can do; its types leave it out. */
const { getStore } = state as unknown as { getStore: () => object };

/** Pulumi keeps one world for each process, so recordings follow one another. */
let last: Promise<unknown> = Promise.resolve();

/** Runs a piece of a program in this process, and answers everything that it registered. What it throws is thrown. */
export async function record(
  { project = "punctual", stack = "aws-dev", preview = false, world = EMPTY_WORLD }: Recording,
  program: () => unknown,
): Promise<Graph> {
  const mine = last.then(async () => recordNow({ project, stack, preview, world }, program));
  last = mine.catch(() => undefined);
  return mine;
}

async function recordNow(
  { project, stack, preview, world }: Required<Recording>,
  program: () => unknown,
): Promise<Graph> {
  const monitor = new RecordingMonitor({
    newResource: ({ type, name, inputs, custom }) => {
      const given = inputs as Readonly<Record<string, unknown>>;
      if (custom === false) return { id: undefined, state: {} };
      if (preview) return { id: undefined, state: { ...given } };
      const { id, state } = answerOf(world, { type, name, inputs: given });
      return { id, state: { ...given, ...state } };
    },
    call: ({ token, inputs }) => world.call(token, inputs as Readonly<Record<string, unknown>>),
  });
  await pulumi.runtime.setMocks(monitor.mocks, project, stack, preview, "acme");
  setMockOptions(monitor, project, stack, preview, "acme");
  // The line before has forgotten them.
  Object.assign(getStore(), {
    ...{ supportsSecrets: true, supportsResourceReferences: true, supportsAliasSpecs: true, supportsDeletedWith: true },
    ...{ supportsTransforms: true, supportsInvokeTransforms: true, supportsOutputValues: false },
  });
  const failures: unknown[] = [];
  const onRejection = (error: unknown) => void failures.push(error);
  // What is rejected meanwhile is the program's; whoever else listens would take it for a stray.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onRejection);
  try {
    const outputs = (await pulumi.runtime.runInPulumiStack(async () => program())) as unknown;
    await pulumi.runtime.disconnect();
    await settled(monitor);
    // An `apply` that throws is told of by no other way.
    if (failures.length > 0) throw failures[0];
    if (monitor.twice.length > 0) throw new RangeError(`Duplicate resource URN ${monitor.twice.join()}`);
    return new Graph(monitor.planned, await known(outputs));
  } finally {
    process.off("unhandledRejection", onRejection);
    for (const other of others) process.on("unhandledRejection", other);
  }
}

/** Rejections come some turns after what caused them. */
async function settled(monitor: RecordingMonitor): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 3; quiet += 1) {
    if (monitor.planned.length !== before) quiet = 0;
    before = monitor.planned.length;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function known(outputs: unknown): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve) => {
    pulumi.output((outputs ?? {}) as Readonly<Record<string, unknown>>).apply(resolve);
    // In a preview what is not known never comes.
    setImmediate(() => {
      setImmediate(() => {
        resolve({});
      });
    });
  });
}
