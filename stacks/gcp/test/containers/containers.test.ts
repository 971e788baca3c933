import { loadConfig as loadCliConfig } from "@punctual/cli/config";
import { ENVIRONMENTS, type EnvironmentName } from "@punctual/stack-blueprint";
import { Graph, type Planned } from "@punctual/stack-testkit";
import { loadConfig } from "@punctual/standalone/config";
import { expect } from "chai";
import { POOL, SIZES } from "../../src/containers/sizes.js";
import { COLLECTOR, containersIn, IMAGE, TOKENS } from "./support/parts.js";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueSource?: { readonly secretKeyRef: { readonly secret: string; readonly version: string } };
}
interface Written {
  readonly name: string;
  readonly image: string;
  readonly envs: readonly Variable[];
  readonly [field: string]: unknown;
}
interface Template {
  readonly containers: readonly Written[];
  readonly [field: string]: unknown;
}

const TYPE_OF = {
  api: "gcp:cloudrunv2/service:Service",
  worker: "gcp:cloudrunv2/workerPool:WorkerPool",
  migrate: "gcp:cloudrunv2/job:Job",
} as const;
type Name = keyof typeof TYPE_OF;

function templateIn(graph: Graph, name: Name): Template {
  const { template } = graph.one(TYPE_OF[name]).inputs as { readonly template: Template };
  return name === "migrate" ? (template as unknown as { readonly template: Template }).template : template;
}

function containerIn(graph: Graph, name: Name, called: string = name): Written {
  const found = templateIn(graph, name).containers.find((one) => one.name === called);
  if (found === undefined) throw new RangeError(`${name} has no container ${called}`);
  return found;
}

const HELD: Readonly<Record<string, string>> = {
  PUNCTUAL_SECRET_KEYS: Buffer.alloc(32, 1).toString("base64"),
  PUNCTUAL_AUTH_SECRET: "s".repeat(32),
};

/** As the process sees it: Cloud Run puts what a secret holds where its name stands, and says the port. */
function environmentIn(graph: Graph, name: Name): Readonly<Record<string, string>> {
  const told = containerIn(graph, name).envs.map((one) => [one.name, one.value ?? HELD[one.name] ?? ""] as const);
  return { PUNCTUAL_HOST: "0.0.0.0", PORT: "7700", ...Object.fromEntries(told) };
}

/** Of the component and what it is above, and not of the parts that it was given. */
function ownTypes(graph: Graph): Readonly<Record<string, number>> {
  const isContainers = ({ type }: Planned) => type === "punctual:gcp:Containers";
  return new Graph(graph.resources.filter((one) => [one, ...graph.ancestorsOf(one)].some(isContainers))).types();
}

describe("Containers on Google Cloud", () => {
  const graphs: Partial<Record<EnvironmentName, Graph>> = {};
  const graphOf = (environment: EnvironmentName): Graph => {
    const graph = graphs[environment];
    if (graph === undefined) throw new RangeError(`${environment} was not recorded`);
    return graph;
  };

  before(async () => {
    for (const environment of ENVIRONMENTS) graphs[environment] = await containersIn(environment);
  });

  for (const environment of ENVIRONMENTS) {
    describe(`in ${environment}`, () => {
      it("are a service, a pool of workers and a job, and the same where nothing is known yet", async () => {
        const wanted = {
          "gcp:cloudrunv2/job:Job": 1,
          "gcp:cloudrunv2/service:Service": 1,
          "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": 1,
          "gcp:cloudrunv2/workerPool:WorkerPool": 1,
          "punctual:gcp:Containers": 1,
        };
        expect(ownTypes(graphOf(environment))).to.deep.equal(wanted);
        expect(ownTypes(await containersIn(environment, { preview: true }))).to.deep.equal(wanted);
      });

      it("give the program what its own loader takes, and nothing that it does not read", () => {
        for (const name of ["api", "worker"] as const) {
          const told = environmentIn(graphOf(environment), name);
          const config = loadConfig(told, []);
          expect(config).to.deep.include({ roles: [name], local: false, allow: [], port: 7_700, drainMs: 8_000 });
          expect(config).to.include({ otlpUrl: "http://localhost:4318", publicUrl: "https://punctual.example.com" });
          expect(config.stores).to.deep.include({
            url: `postgres://${name}%40acme-punctual.iam@10.0.0.3/punctual?uselibpqcompat=true&sslmode=require`,
            poolSize: POOL[environment][name],
            login: { specifier: "@punctual/adapter-gcp/login", environment: told },
          });
          expect(Object.keys(told)).to.have.members([...READ_BY_ALL, ...READ_BY[name]]);
        }
      });

      it("tell the command line whom to log in as, and no more", () => {
        const told = environmentIn(graphOf(environment), "migrate");
        const { databaseLogin, databaseUrl } = loadCliConfig(told);
        expect(databaseLogin?.specifier).to.equal("@punctual/adapter-gcp/login");
        expect(databaseUrl).to.match(/^postgres:\/\/migrate%40acme-punctual.iam@/);
        expect(Object.keys(told)).to.have.members([
          ...["PUNCTUAL_HOST", "PORT", "PUNCTUAL_DATABASE_URL", "PUNCTUAL_DATABASE_LOGIN"],
        ]);
      });

      it("fit the database, and while a deployment has twice as many leave some for people", () => {
        const { api, workers } = SIZES[environment];
        const pool = POOL[environment];
        const connections = api.most * pool.api + workers * (pool.worker + 1);
        expect(connections + MIGRATION).to.be.at.most(0.8 * CONNECTIONS[environment]);
        expect(2 * connections + MIGRATION).to.be.at.most(CONNECTIONS[environment]);
      });

      it("run one image by its digest, each as its own account, inside the network", () => {
        for (const name of ["api", "worker", "migrate"] as const) {
          const template = templateIn(graphOf(environment), name);
          expect(containerIn(graphOf(environment), name).image).to.equal(IMAGE);
          expect(template["serviceAccount"]).to.equal(`${name}@acme-punctual.iam.gserviceaccount.com`);
          const tags = name === "migrate" ? {} : { tags: ["sends"] };
          expect(template["vpcAccess"]).to.deep.equal({
            egress: "PRIVATE_RANGES_ONLY",
            networkInterfaces: [{ network: "network-id", subnetwork: "subnet-id", ...tags }],
          });
        }
      });
    });
  }

  it("give each the secrets that it needs, by a version", async () => {
    const secretsIn = (graph: Graph, name: Name) =>
      containerIn(graph, name).envs.flatMap((one) =>
        one.valueSource === undefined ? [] : [[one.name, one.valueSource.secretKeyRef]],
      );
    const keys = ["PUNCTUAL_SECRET_KEYS", { secret: "keys", version: "3" }];
    const auth = ["PUNCTUAL_AUTH_SECRET", { secret: "auth", version: "1" }];
    expect(secretsIn(graphOf("dev"), "api")).to.deep.equal([keys, auth]);
    expect(secretsIn(graphOf("dev"), "worker")).to.deep.equal([keys]);
    expect(secretsIn(graphOf("dev"), "migrate")).to.be.empty;
    const byKeys = await containersIn("dev", { settings: { tokens: TOKENS.jwks } });
    expect(secretsIn(byKeys, "api")).to.deep.equal([keys]);
    expect(loadConfig(environmentIn(byKeys, "api"), []).auth).to.include({ kind: "jwks" });
  });

  it("measure nothing without a collector", async () => {
    const without = await containersIn("dev", { args: { collector: null } });
    for (const name of ["api", "worker"] as const) {
      expect(templateIn(without, name).containers.map((one) => one.name)).to.deep.equal([name]);
      expect(environmentIn(without, name)).not.to.have.property("PUNCTUAL_OTLP_URL");
      expect(containerIn(graphOf("dev"), name, "collector")).to.deep.include({
        image: COLLECTOR.image,
        args: ["--config=env:COLLECTOR_CONFIG"],
        envs: [{ name: "COLLECTOR_CONFIG", value: COLLECTOR.configs[name] }],
      });
    }
    expect(templateIn(graphOf("dev"), "migrate").containers.map((one) => one.name)).to.deep.equal(["migrate"]);
  });

  it("share one processor with their collector, and have it all without one", async () => {
    const limitsIn = (graph: Graph, name: Name) =>
      templateIn(graph, name).containers.map((one) => (one["resources"] as { readonly limits: object }).limits);
    const collector = { cpu: "250m", memory: "256Mi" };
    const production = graphOf("production");
    expect(limitsIn(production, "api")).to.deep.equal([{ cpu: "750m", memory: "512Mi" }, collector]);
    expect(limitsIn(production, "worker")).to.deep.equal([{ cpu: "750m", memory: "1024Mi" }, collector]);
    expect(limitsIn(production, "migrate")).to.deep.equal([{ cpu: "1", memory: "512Mi" }]);
    const without = await containersIn("production", { args: { collector: null } });
    expect(limitsIn(without, "worker")).to.deep.equal([{ cpu: "1", memory: "1024Mi" }]);
  });

  describe("The API", () => {
    const api = (environment: EnvironmentName) => graphOf(environment).one(TYPE_OF.api);

    it("is everybody's to ask, who show tokens of ours: by its name where it has one", async () => {
      const open = graphOf("production").one("gcp:cloudrunv2/serviceIamMember:ServiceIamMember").inputs;
      expect(open).to.include({ name: "punctual-production-api", role: "roles/run.invoker", member: "allUsers" });
      expect(api("production").inputs).to.include({ ingress: "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" });
      const nameless = await containersIn("dev", { settings: { domain: "", zone: "" } });
      expect(nameless.one(TYPE_OF.api).inputs).to.include({ ingress: "INGRESS_TRAFFIC_ALL" });
      for (const name of ["api", "worker"] as const) {
        expect(loadConfig(environmentIn(nameless, name), []).publicUrl).to.equal(
          "https://punctual-dev-api-111111111111.europe-west1.run.app",
        );
      }
    });

    it("has a processor while it answers, and is there as often as its environment says", () => {
      for (const [environment, minInstanceCount, maxInstanceCount] of [
        ["dev", 0, 1],
        ["staging", 1, 3],
        ["production", 2, 8],
      ] as const) {
        expect(templateIn(graphOf(environment), "api")["scaling"]).to.deep.equal({
          minInstanceCount,
          maxInstanceCount,
        });
      }
      const container = containerIn(graphOf("production"), "api");
      expect(container["resources"]).to.deep.equal({
        cpuIdle: true,
        startupCpuBoost: true,
        limits: { cpu: "750m", memory: "512Mi" },
      });
      expect(containerIn(graphOf("production"), "api", "collector")["resources"]).to.include({ cpuIdle: true });
      expect(container["ports"]).to.deep.equal({ containerPort: 7_700 });
    });

    it("keeps its traffic where a release has put it", async () => {
      expect(api("production").inputs["traffics"]).to.deep.equal([
        { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 },
      ]);
      const type = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
      const stable = "punctual-production-api-00000000";
      const released = await containersIn("production", { own: { traffic: { api: { stable, percent: 10 } } } });
      const revision = templateIn(released, "api")["revision"];
      expect(revision).to.match(/^punctual-production-api-[\da-f]{8}$/);
      expect(released.one(TYPE_OF.api).inputs["traffics"]).to.deep.equal([
        { type, revision: stable, percent: 90 },
        { type, revision, percent: 10, tag: "canary" },
      ]);
    });

    it("shares instances of workers as a release says", async () => {
      const { inputs } = graphOf("production").one(TYPE_OF.worker);
      expect(inputs["instanceSplits"]).to.deep.equal([{ type: "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", percent: 100 }]);
      const type = "INSTANCE_SPLIT_ALLOCATION_TYPE_REVISION";
      const stable = "punctual-production-worker-00000000";
      const released = await containersIn("production", { own: { traffic: { worker: { stable, percent: 50 } } } });
      expect(released.one(TYPE_OF.worker).inputs["instanceSplits"]).to.deep.equal([
        { type, revision: stable, percent: 50 },
        { type, revision: templateIn(released, "worker")["revision"], percent: 50 },
      ]);
    });

    it("is another revision where it is told anything else", async () => {
      const revisionIn = (graph: Graph) => String(templateIn(graph, "api")["revision"]);
      const told = await containersIn("production", { own: { instances: { api: 5 } } });

      expect(revisionIn(told)).not.to.equal(revisionIn(graphOf("production")));
      expect(revisionIn(await containersIn("production"))).to.equal(revisionIn(graphOf("production")));
    });
  });

  it("are asked whether they are alive, whatever the database does", () => {
    for (const name of ["api", "worker"] as const) {
      const { startupProbe, livenessProbe } = containerIn(graphOf("dev"), name);
      for (const probe of [startupProbe, livenessProbe]) {
        expect(probe).to.deep.include({ httpGet: { path: "/health/live", port: 7_700 } });
      }
    }
  });

  it("have as many workers as they are told, since Cloud Run starts none by itself", () => {
    for (const environment of ENVIRONMENTS) {
      expect(graphOf(environment).one(TYPE_OF.worker).inputs["scaling"]).to.deep.equal({
        scalingMode: "MANUAL",
        manualInstanceCount: environment === "production" ? 2 : 1,
      });
    }
  });

  it("migrate by the command line of the image, once for each image, before the others come", () => {
    const graph = graphOf("production");
    const job = graph.one(TYPE_OF.migrate);
    expect(containerIn(graph, "migrate")).to.deep.include({
      commands: ["node", "--enable-source-maps"],
      args: ["apps/cli/bin/punctual.js", "migrate", "up"],
    });
    expect(templateIn(graph, "migrate")).to.include({ maxRetries: 0, timeout: "900s" });
    expect(job.inputs).to.include({ runExecutionToken: "i0123456789ab" });
    expect(graph.dependsOn(graph.one(TYPE_OF.api), job)).to.be.true;
    expect(graph.dependsOn(graph.one(TYPE_OF.worker), job)).to.be.true;
  });

  it("are as many, with as many connections, as their own settings say", async () => {
    const graph = await containersIn("production", {
      own: { instances: { api: 1, worker: 4 }, database: { pool: 9 } },
    });

    expect(templateIn(graph, "api")["scaling"]).to.deep.equal({ minInstanceCount: 1, maxInstanceCount: 1 });
    expect(graph.one(TYPE_OF.worker).inputs["scaling"]).to.include({ manualInstanceCount: 4 });
    for (const name of ["api", "worker"] as const) {
      expect(environmentIn(graph, name)["PUNCTUAL_DATABASE_POOL"]).to.equal("9");
    }
  });

  it("are all there the first time, and none begins before the database knows them", async () => {
    const waiting = await containersIn("production", { own: { started: false } });

    expect(ownTypes(waiting)).to.deep.equal(ownTypes(graphOf("production")));
    expect(waiting.one(TYPE_OF.worker).inputs["scaling"]).to.include({ manualInstanceCount: 0 });
    expect(waiting.one(TYPE_OF.migrate).inputs).not.to.have.property("runExecutionToken");
    expect(templateIn(waiting, "api")).to.deep.include({
      healthCheckDisabled: true,
      scaling: { minInstanceCount: 0, maxInstanceCount: 8 },
    });
    expect(templateIn(graphOf("production"), "api")).not.to.have.property("healthCheckDisabled");
  });

  it("call receivers by NAT where that is said, and migrate without", async () => {
    const graph = await containersIn("dev", { own: { egress: "all" } });
    const egressOf = (name: Name) => (templateIn(graph, name)["vpcAccess"] as { readonly egress: string }).egress;

    expect([egressOf("api"), egressOf("worker"), egressOf("migrate")]).to.deep.equal([
      ...["ALL_TRAFFIC", "ALL_TRAFFIC", "PRIVATE_RANGES_ONLY"],
    ]);
  });

  it("resist deletion where they are precious", () => {
    for (const [environment, precious] of [
      ["dev", false],
      ["production", true],
    ] as const) {
      for (const name of ["api", "worker"] as const) {
        expect(graphOf(environment).one(TYPE_OF[name]).inputs).to.include({ deletionProtection: precious });
      }
    }
  });

  it("are released by themselves, each by what a tool must know of it", () => {
    const where = { location: "europe-west1", project: "acme-punctual" };
    const revisionOf = (name: "api" | "worker") => templateIn(graphOf("dev"), name)["revision"];
    expect(revisionOf("worker")).to.match(/^punctual-dev-worker-[\da-f]{8}$/);
    expect(graphOf("dev").outputs["releases"]).to.deep.equal([
      {
        workload: "worker",
        kind: "cloud-run-pool",
        pool: "punctual-dev-worker",
        revision: revisionOf("worker"),
        ...where,
      },
      { workload: "api", kind: "cloud-run", service: "punctual-dev-api", revision: revisionOf("api"), ...where },
    ]);
  });
});

const READ_BY_ALL = [
  ...["PORT", "PUNCTUAL_HOST", "PUNCTUAL_ROLES", "PUNCTUAL_DATABASE_URL", "PUNCTUAL_DATABASE_LOGIN"],
  ...["PUNCTUAL_DATABASE_POOL", "PUNCTUAL_SECRET_KEYS", "PUNCTUAL_LOG_LEVEL", "PUNCTUAL_OTLP_URL"],
  ...["PUNCTUAL_PUBLIC_URL", "PUNCTUAL_DRAIN_SECONDS"],
];
const READ_BY = {
  api: ["PUNCTUAL_AUTH", "PUNCTUAL_AUTH_SECRET", "PUNCTUAL_AUTH_ISSUER", "PUNCTUAL_AUTH_AUDIENCE"],
  worker: [],
};

/** What Cloud SQL lets in by the memory of db-f1-micro, db-custom-1-3840 and db-custom-2-7680. */
const CONNECTIONS: Readonly<Record<EnvironmentName, number>> = { dev: 25, staging: 100, production: 200 };
const MIGRATION = 3;
