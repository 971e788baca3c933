import type { EnvironmentName } from "@punctual/stack-blueprint";
import { loadConfig } from "@punctual/standalone/config";
import { expect } from "chai";
import { ACCOUNT, arnOf, IMAGES, loginArn, REGION } from "./support/parts.js";
import { jsonOf, taskOf, containerOf, environmentIn, grantsOf, recorded, type Written } from "./support/recorded.js";

type OpenLogin = (told: Readonly<Record<string, string>>) => unknown;

describe("Tasks on AWS", () => {
  const graphOf = recorded();

  it("run the image by its digest on ARM, as nobody in particular, on a file system that they cannot write to", () => {
    const graph = graphOf("production");
    for (const [workload, cpu, memory] of [
      ["api", "512", "1024"],
      ["worker", "1024", "2048"],
      ["migrate", "256", "512"],
    ] as const) {
      const { inputs } = taskOf(graph, "production", workload);
      expect(inputs).to.deep.include({ cpu, memory, networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"] });
      expect(inputs["runtimePlatform"]).to.deep.equal({ cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" });
      for (const one of jsonOf<readonly Written[]>(taskOf(graph, "production", workload), "containerDefinitions")) {
        expect(one["readonlyRootFilesystem"], one.name).to.equal(true);
        expect(one["user"], one.name).to.match(/^[1-9]\d*:[1-9]\d*$/);
        expect(one["linuxParameters"], one.name).to.deep.include({ capabilities: { drop: ["ALL"] } });
        expect(one["image"], one.name).to.equal(one.name === "collector" ? IMAGES.collector : IMAGES.punctual);
        expect(one["logConfiguration"], one.name).to.nested.include({
          logDriver: "awslogs",
          "options.awslogs-group": `/punctual-production/${workload}`,
        });
      }
    }
  });

  it("have less memory where they have less to do", () => {
    const sizeIn = (environment: EnvironmentName) => {
      const { cpu, memory } = taskOf(graphOf(environment), environment, "worker").inputs;
      return [cpu, memory, containerOf(graphOf(environment), environment, "worker")["memory"]];
    };

    expect(sizeIn("dev")).to.deep.equal(["256", "1024", 768]);
    expect(sizeIn("staging")).to.deep.equal(["256", "1024", 768]);
    expect(sizeIn("production")).to.deep.equal(["1024", "2048", 1_024]);
  });

  it("have seconds left when the program has drained", () => {
    for (const workload of ["api", "worker"]) {
      const { drainMs } = loadConfig(environmentIn(graphOf("dev"), "dev", workload), []);
      const stop = Number(containerOf(graphOf("dev"), "dev", workload)["stopTimeout"]);
      expect(stop * 1_000 - drainMs).to.be.at.least(5_000);
      expect(stop).to.be.at.most(120);
    }
  });

  it("are asked whether the program is alive, and go on without their collector", () => {
    for (const workload of ["api", "worker"]) {
      const program = containerOf(graphOf("dev"), "dev", workload);
      const collector = containerOf(graphOf("dev"), "dev", workload, "collector");
      expect(program).to.include({ essential: true });
      expect(JSON.stringify(program["healthCheck"])).to.include("/health/live");
      expect(collector).to.include({ essential: false });
      expect(collector["restartPolicy"]).to.include({ enabled: true });
    }
  });

  it("log in to the database by what they are told to load", async () => {
    for (const workload of ["api", "worker", "migrate"]) {
      const told = environmentIn(graphOf("dev"), "dev", workload);
      const login = (await import(told["PUNCTUAL_DATABASE_LOGIN"] ?? "nothing")) as { readonly openLogin: OpenLogin };
      expect(login.openLogin(told), workload).to.be.a("function");
    }
  });

  it("migrate by the command line of the image", () => {
    const migrate = containerOf(graphOf("dev"), "dev", "migrate");
    expect([migrate["entryPoint"], migrate["command"]]).to.deep.equal([
      ["node", "--enable-source-maps"],
      ["apps/cli/bin/punctual.js", "migrate", "up"],
    ]);
  });

  it("may do what they need and no more, and ECS for them likewise", () => {
    const graph = graphOf("staging");
    const logs = (workload: string) => ({
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: `${arnOf(`punctual-staging-${workload}`)}:*`,
    });
    const images = [
      {
        Effect: "Allow",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: [`arn:aws:ecr:${REGION}:${ACCOUNT}:repository/acme/punctual`],
      },
      { Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
    ];
    const secrets = (...names: readonly string[]) => [
      { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: names.map(arnOf) },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: arnOf("key"),
        Condition: { StringEquals: { "kms:ViaService": `secretsmanager.${REGION}.amazonaws.com` } },
      },
    ];
    const login = (workload: string) => ({
      Effect: "Allow",
      Action: ["rds-db:connect"],
      Resource: loginArn(workload),
    });
    const measures = [
      logs("metrics"),
      { Effect: "Allow", Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource: "*" },
    ];
    const wanted = {
      "api-start": [logs("api-logs"), ...images, ...secrets("keys", "auth")],
      "api-run": [login("api"), ...measures],
      "worker-start": [logs("worker-logs"), ...images, ...secrets("keys")],
      "worker-run": [login("worker"), ...measures],
      "migrate-start": [logs("migrate-logs"), ...images],
      "migrate-run": [login("migrate")],
    };
    const policies = graph.all("aws:iam/rolePolicy:RolePolicy").map(({ name }) => name);
    expect(policies).to.have.members(Object.keys(wanted).map((name) => `punctual-staging-${name}`));
    for (const [name, statements] of Object.entries(wanted)) {
      expect(grantsOf(graph, `punctual-staging-${name}`), name).to.deep.equal(statements);
    }
  });

  it("have roles of their own, which this account's tasks alone may take", () => {
    const roles = graphOf("production").all("aws:iam/role:Role");
    expect(roles).to.have.length(7);
    for (const role of roles) {
      const [trust] = jsonOf<{ readonly Statement: readonly object[] }>(role, "assumeRolePolicy").Statement;
      expect(trust, role.name).to.deep.equal({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: {
          Service: role.name === "punctual-production-api-mover" ? "ecs.amazonaws.com" : "ecs-tasks.amazonaws.com",
        },
        Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
      });
    }
    const used = ["api", "worker", "migrate"].flatMap((workload) => {
      const task = taskOf(graphOf("production"), "production", workload);
      return [task.inputs["executionRoleArn"], task.inputs["taskRoleArn"]];
    });
    expect(new Set(used).size).to.equal(6);
  });

  it("write logs that are kept and sealed", () => {
    for (const group of graphOf("dev").all("aws:cloudwatch/logGroup:LogGroup")) {
      expect(group.inputs, group.name).to.include({ retentionInDays: 7, kmsKeyId: arnOf("key") });
    }
  });
});
