import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import type { AnalyzeResponse, AnalyzerInfo } from "@pulumi/pulumi/proto/analyzer_pb.js";
import messages from "@pulumi/pulumi/proto/analyzer_pb.js";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { type Graph, type Planned, UNKNOWN } from "@punctual/stack-testkit";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import structs, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";

const RUNNER = fileURLToPath(import.meta.resolve("@pulumi/pulumi/cmd/run-policy-pack/index.js"));
/** From `dist/test/support`. */
const PACKS = resolve(import.meta.dirname, "../../../packs");

/** A policy pack in its own process, started as Pulumi starts it, and asked as its engine asks. */
export class PolicyPackProcess {
  readonly #child: ChildProcess;
  readonly #client: InstanceType<typeof services.AnalyzerClient>;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#client = new services.AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  static async start(pack: string): Promise<PolicyPackProcess> {
    // Nobody listens at the engine's address: a pack does not speak to it.
    const child = spawn(process.execPath, [RUNNER, "127.0.0.1:1", "."], {
      cwd: resolve(PACKS, pack),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`The policy pack ended with ${String(code)}`);
    });
    const [port] = (await Promise.race([once(createInterface(child.stdout), "line"), failed])) as [string];
    failed.catch(() => undefined);
    return new PolicyPackProcess(child, port);
  }

  async stop(): Promise<void> {
    this.#client.close();
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }

  async info(): Promise<AnalyzerInfo.AsObject> {
    const info = await asked<AnalyzerInfo>((done) => this.#client.getAnalyzerInfo(new empty.Empty(), done));
    return info.toObject();
  }

  /** What it says of resources before they are made: `<policy> <urn>`. */
  async before(resources: readonly Planned[], graph: Graph): Promise<readonly string[]> {
    const answers = resources.map(async (one) => {
      const answer = await asked<AnalyzeResponse>((done) => this.#client.analyze(requestOf(one, graph), done));
      return answer.getDiagnosticsList().map((each) => `${each.getPolicyname()} ${each.getUrn() || one.urn}`);
    });
    return (await Promise.all(answers)).flat();
  }

  /** What it says of the whole stack when everything in it is made, or would be. */
  async after(graph: Graph): Promise<readonly string[]> {
    const stack = new messages.AnalyzeStackRequest();
    stack.setResourcesList(graph.resources.map((one) => resourceOf(one, graph)));
    const answer = await asked<AnalyzeResponse>((done) => this.#client.analyzeStack(stack, done));
    return answer.getDiagnosticsList().map((each) => `${each.getPolicyname()} ${each.getUrn()}`);
  }
}

type Done<T> = (error: ServiceError | null, answer: T) => void;

async function asked<T>(call: (done: Done<T>) => unknown): Promise<T> {
  return new Promise((fulfil, reject) => {
    call((error, answer) => {
      if (error === null) fulfil(answer);
      else reject(error);
    });
  });
}

function requestOf(one: Planned, graph: Graph): InstanceType<typeof messages.AnalyzeRequest> {
  const request = new messages.AnalyzeRequest();
  request.setType(one.type).setUrn(one.urn).setName(one.name).setProperties(structOf(one));
  return request.setOptions(optionsOf(one)).setProvider(providerOf(one, graph));
}

function resourceOf(one: Planned, graph: Graph): InstanceType<typeof messages.AnalyzerResource> {
  const resource = new messages.AnalyzerResource();
  resource.setType(one.type).setUrn(one.urn).setName(one.name).setProperties(structOf(one));
  resource.setOptions(optionsOf(one)).setProvider(providerOf(one, graph));
  resource.setParent(one.parent ?? "").setDependenciesList([...one.dependencies]);
  for (const [input, urns] of Object.entries(one.propertyDependencies)) {
    const dependencies = new messages.AnalyzerPropertyDependencies();
    dependencies.setUrnsList([...urns]);
    resource.getPropertydependenciesMap().set(input, dependencies);
  }
  return resource;
}

function optionsOf({ protect, ignoreChanges, parent }: Planned): InstanceType<typeof messages.AnalyzerResourceOptions> {
  const options = new messages.AnalyzerResourceOptions();
  return options
    .setProtect(protect)
    .setIgnorechangesList([...ignoreChanges])
    .setParent(parent ?? "");
}

function providerOf({ provider }: Planned, graph: Graph) {
  if (provider === undefined) return undefined;
  const urn = provider.slice(0, provider.lastIndexOf("::"));
  const made = graph.at(urn);
  const answer = new messages.AnalyzerProviderResource();
  answer
    .setUrn(urn)
    .setName(urn.split("::").at(-1) ?? "")
    .setType(made?.type ?? "pulumi:providers:aws");
  return answer.setProperties(made && structOf(made));
}

function structOf({ inputs, secrets }: Planned) {
  const wire = Object.entries(inputs)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const sent = onWire(value);
      return [name, secrets.includes(name) ? { [specialSigKey]: specialSecretSig, value: sent } : sent] as const;
    });
  return structs.Struct.fromJavaScript(Object.fromEntries(wire));
}

function onWire(value: unknown): JavaScriptValue {
  if (value === UNKNOWN) return unknownValue;
  if (Array.isArray(value)) return value.map(onWire);
  if (typeof value !== "object" || value === null) return value as JavaScriptValue;
  const known = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(known.map(([name, part]) => [name, onWire(part)]));
}
