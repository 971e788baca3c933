import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import { Graph } from "../graph.js";
import { readableFields } from "../readable.js";
import { EMPTY_WORLD, type World } from "../world.js";
import type { ProjectConfig } from "./config.js";
import type { Diagnostic } from "./diagnostics.js";
import { Engine } from "./engine.js";
import { type Call, Monitor } from "./monitor.js";
import { type Ran, runProgram } from "./run-program.js";

export interface Planning {
  readonly project: string;
  readonly stack: string;
  /** Where Pulumi.yaml is, where the program runs, and what of that folder it is: `.` is its package's `main`. */
  readonly root: string;
  readonly folder: string;
  readonly entry: string;
  readonly config: ProjectConfig;
  /** Whether nothing is known that a provider would say. */
  readonly dryRun: boolean;
  readonly world?: World;
  /** How long the program may take. */
  readonly limitMs?: number;
}

export interface Plan {
  readonly graph: Graph;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];
  /** As the program ended: 32 where it failed and has said why, 1 where it was stopped. */
  readonly exitCode: number;
  readonly calls: readonly Call[];
}

/** Runs a whole program, as it is, with nobody behind it: no provider, no state, no account. */
export async function plan(planning: Planning): Promise<Plan> {
  const { world = EMPTY_WORLD, limitMs = 60_000, config } = planning;
  const monitor = new Monitor({ ...planning, world, withoutDefault: withoutDefaultOf(config) });
  const engine = new Engine();
  const server = new Server();
  server.addService(ResourceMonitorService, monitor.service());
  server.addService(EngineService, engine.service());
  try {
    const address = await listen(server);
    const ran = await runProgram({ ...planning, address, limitMs });
    const { values, secrets } = readableFields(monitor.outputs);
    return {
      graph: new Graph(monitor.planned, values, secrets),
      outputs: values,
      diagnostics: [...engine.diagnostics, ...saidBy(ran, limitMs)],
      exitCode: ran.exitCode ?? 1,
      calls: monitor.calls,
    };
  } finally {
    server.forceShutdown();
  }
}

async function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(`127.0.0.1:${String(port)}`);
      else reject(error);
    });
  });
}

/** What it wrote is shown as the CLI shows it; of one that fails, what it wrote as an error may be all there is. */
function saidBy({ exitCode, stdout, stderr }: Ran, limitMs: number): readonly Diagnostic[] {
  const said: readonly Diagnostic[] = [
    { severity: "info", message: stdout },
    { severity: exitCode === 0 ? "warning" : "error", message: stderr },
    {
      severity: "error",
      message: exitCode === null ? `the program was not done after ${String(limitMs / 1_000)} s, and was stopped` : "",
    },
  ];
  return said.filter(({ message }) => message !== "");
}

function withoutDefaultOf({ values }: ProjectConfig): readonly string[] {
  const listed: unknown = JSON.parse(values["pulumi:disable-default-providers"] ?? "[]");
  return Array.isArray(listed) ? listed.map(String) : [];
}
