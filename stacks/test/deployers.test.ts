import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { bootstrapOf } from "./support/bootstrap.js";
import { graphOf, type Stack, stacks } from "./support/stacks.js";

const found = await stacks();
const on = (cloud: Stack["cloud"]) => found.filter((stack) => stack.cloud === cloud);

/** `compute` of `gcp:compute/network:Network`. */
const moduleOf = (type: string) => type.split(/[:/]/)[1] ?? "";
const madeBy = (graph: Graph, sdk: string) => graph.resources.filter(({ type }) => type.startsWith(`${sdk}:`));

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string | readonly string[]>> };
}

async function statementsFor(environment: string): Promise<readonly Statement[]> {
  const policy = (await bootstrapOf("aws")).one("aws:iam/policy:Policy", `punctual-deploy-${environment}-policy`);
  return (JSON.parse(String(policy.inputs["policy"])) as { readonly Statement: readonly Statement[] }).Statement;
}

function allowedBy({ inputs }: Planned): readonly Statement[] {
  const { Statement: all } = JSON.parse(String(inputs["policy"])) as { readonly Statement: readonly Statement[] };
  return all.filter(({ Effect }) => Effect === "Allow");
}

function covers(pattern: string, action: string): boolean {
  const [before = "", after] = pattern.split("*");
  return after === undefined ? pattern === action : action.startsWith(before);
}

/** As IAM calls the services behind a module, where it calls them otherwise. */
const SERVICES: Readonly<Record<string, string>> = {
  appautoscaling: "application-autoscaling",
  lb: "elasticloadbalancing",
  vpc: "ec2",
};
const ROLES: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["iam:CreateRole", "iam:GetRole", "iam:DeleteRole", "iam:TagRole", "iam:UpdateAssumeRolePolicy"],
  "aws:iam/rolePolicy:RolePolicy": ["iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [
    ...["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:ListAttachedRolePolicies"],
  ],
};

function actionsFor({ type }: Planned): readonly string[] {
  const own = ROLES[type];
  if (own !== undefined) return own;
  if (moduleOf(type) !== "cloudwatch") return [`${SERVICES[moduleOf(type)] ?? moduleOf(type)}:*`];
  return [/:Log/.test(type) ? "logs:*" : "cloudwatch:*"];
}

describe("Whoever deploys to AWS", () => {
  for (const stack of on("aws")) {
    it(`may make all that ${stack.name} is made of`, async () => {
      const may = new Set((await statementsFor(stack.environment)).flatMap(({ Action }) => Action));
      const missing = madeBy(await graphOf(stack), "aws").flatMap((one) =>
        actionsFor(one)
          .filter((action) => !may.has(action))
          .map((action) => `${action} for ${one.type}`),
      );

      expect([...new Set(missing)]).to.deep.equal([]);
    });

    it(`can make no role of ${stack.name} that may more than a workload`, async () => {
      const bootstrap = await bootstrapOf("aws");
      const boundary = bootstrap.one("aws:iam/policy:Policy", `punctual-deploy-${stack.environment}-workloads`);
      const arn = `arn:aws:iam::111111111111:policy/${String(boundary.inputs["name"])}`;
      const graph = await graphOf(stack);
      const [roles, policies] = [graph.all("aws:iam/role:Role"), graph.all("aws:iam/rolePolicy:RolePolicy")];
      expect(roles).to.have.length.above(5);
      expect([...new Set(roles.map(({ inputs }) => inputs["permissionsBoundary"]))]).to.deep.equal([arn]);

      const most = allowedBy(boundary).flatMap(({ Action }) => Action);
      const wanted = policies.flatMap((one) => allowedBy(one).flatMap(({ Action }) => Action));
      expect(wanted).to.have.length.above(10);
      expect(wanted.filter((action) => !most.some((one) => covers(one, action)))).to.deep.equal([]);
      // What makes somebody else of one, or gives more to anybody.
      for (const action of [
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:CreateUser",
        "sts:AssumeRole",
        "organizations:*",
      ]) {
        expect(
          most.some((one) => covers(one, action)),
          action,
        ).to.equal(false);
      }

      const statements = await statementsFor(stack.environment);
      for (const action of ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]) {
        const allowing = statements.filter(({ Action }) => [Action].flat().includes(action));
        expect(
          allowing.map(({ Condition }) => Condition?.StringEquals["iam:PermissionsBoundary"]),
          action,
        ).to.deep.equal([arn]);
      }
      const free = ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:CreatePolicyVersion"];
      for (const action of free)
        expect(
          statements.some(({ Action }) => [Action].flat().some((one) => covers(one, action))),
          action,
        ).to.equal(false);
    });

    it(`may hand each role of ${stack.name} to the service that takes it`, async () => {
      const [hands] = (await statementsFor(stack.environment)).filter(({ Action }) => Action === "iam:PassRole");
      const taken = madeBy(await graphOf(stack), "aws")
        .filter(({ type }) => type === "aws:iam/role:Role")
        .flatMap(({ inputs }) => /"Service":"([^"]+)"/.exec(String(inputs["assumeRolePolicy"]))?.[1] ?? []);

      expect(taken).to.have.length.above(5);
      expect(hands?.Condition?.StringEquals["iam:PassedToService"]).to.include.members(taken);
    });

    it(`works where ${stack.name} is, and reaches it by its names`, async () => {
      const statements = await statementsFor(stack.environment);
      const graph = await graphOf(stack);
      const regions = graph.all("pulumi:providers:aws").map(({ inputs }) => String(inputs["region"]));
      const services = statements.find(({ Sid }) => Sid === "Services");
      const reached = statements.flatMap(({ Resource }) => Resource).map((text) => text.split(/[:/]/).at(-1));
      const named = ["aws:iam/role:Role", "aws:s3/bucket:Bucket", "aws:secretsmanager/secret:Secret"].flatMap((type) =>
        graph.all(type).map(({ name }) => name),
      );

      expect(services?.Condition?.StringEquals["aws:RequestedRegion"]).to.include.members(regions);
      expect(reached).to.include(`punctual-${stack.environment}-*`);
      expect(named.filter((name) => !name.startsWith(`punctual-${stack.environment}-`))).to.deep.equal([]);
    });
  }
});

interface Needed {
  readonly api: string;
  readonly role: string;
}
const of = (api: string, role: string): Needed => ({ api, role: `roles/${role}` });

const GOOGLES: Readonly<Record<string, Needed>> = {
  artifactregistry: of("artifactregistry", "artifactregistry.writer"),
  billing: of("billingbudgets", "billing.costsManager"),
  cloudrunv2: of("run", "run.admin"),
  cloudscheduler: of("cloudscheduler", "cloudscheduler.admin"),
  compute: of("compute", "compute.networkAdmin"),
  dns: of("dns", "dns.admin"),
  kms: of("cloudkms", "cloudkms.admin"),
  monitoring: of("monitoring", "monitoring.editor"),
  projects: of("cloudresourcemanager", "resourcemanager.projectIamAdmin"),
  pubsub: of("pubsub", "pubsub.admin"),
  secretmanager: of("secretmanager", "secretmanager.admin"),
  serviceaccount: of("iam", "iam.serviceAccountAdmin"),
  servicenetworking: of("servicenetworking", "servicenetworking.networksAdmin"),
  sql: of("sqladmin", "cloudsql.admin"),
  storage: of("storage", "storage.admin"),
};
/** What of Compute is more than networks. */
const OF_COMPUTE: readonly (readonly [RegExp, string])[] = [
  [/:(?:Firewall|SecurityPolicy|SSLPolicy|ManagedSslCertificate)$/, "roles/compute.securityAdmin"],
  [/:(?:Backend|URLMap|Target|GlobalForwarding|RegionNetworkEndpoint)\w*$/, "roles/compute.loadBalancerAdmin"],
];

function neededFor({ type }: Planned): Needed | undefined {
  const [, role] = OF_COMPUTE.find(([fits]) => moduleOf(type) === "compute" && fits.test(type)) ?? [];
  const usual = GOOGLES[moduleOf(type)];
  return usual && { ...usual, ...(role !== undefined && { role }) };
}

describe("Whoever deploys to Google Cloud", () => {
  for (const stack of on("gcp")) {
    it(`may make all that ${stack.name} is made of, in services that are on`, async () => {
      const bootstrap = await bootstrapOf("gcp");
      const roles = bootstrap.resources.map(({ inputs }) => inputs["role"]);
      const apis = bootstrap.all("gcp:projects/service:Service").map(({ inputs }) => inputs["service"]);
      const missing = madeBy(await graphOf(stack), "gcp").flatMap((one) => {
        const needed = neededFor(one);
        return needed !== undefined && roles.includes(needed.role) && apis.includes(`${needed.api}.googleapis.com`)
          ? []
          : [one.type];
      });

      expect([...new Set(missing)]).to.deep.equal([]);
    });

    it(`may give on the whole project what workloads of ${stack.name} are given there`, async () => {
      const [giver] = (await bootstrapOf("gcp"))
        .all("gcp:projects/iAMMember:IAMMember")
        .filter(({ inputs }) => inputs["role"] === "roles/resourcemanager.projectIamAdmin");
      const { expression } = giver?.inputs["condition"] as { readonly expression: string };
      const given = (await graphOf(stack)).all("gcp:projects/iAMMember:IAMMember").map(({ inputs }) => inputs["role"]);

      expect(given).to.have.length.above(0);
      for (const role of new Set(given)) expect(expression).to.contain(`'${String(role)}'`);
    });
  }

  it("has switched on what telemetry goes through: Google takes no trace where Cloud Trace is off", async () => {
    const apis = (await bootstrapOf("gcp")).all("gcp:projects/service:Service").map(({ inputs }) => inputs["service"]);

    expect(apis).to.include.members(["telemetry", "cloudtrace", "monitoring"].map((api) => `${api}.googleapis.com`));
  });
});
