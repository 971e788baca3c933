import { type Graph, record, type World } from "@punctual/stack-testkit";
import { expect } from "chai";
import { APIS } from "../src/apis.js";
import { GIVEN, ROLES } from "../src/deployers.js";
import { provisionProject } from "../src/project.js";
import { readProjectSettings } from "../src/settings.js";

const good = {
  project: "acme-punctual-dev",
  projectNumber: "111111111111",
  region: "europe-west1",
  repository: "acme/punctual",
  environments: ["dev", "staging"],
  billingAccount: "000000-000000-000000",
  alertEmail: "alerts@example.com",
  monthlyBudgetUsd: 120,
};
const world: World = {
  outputs: ({ type, name, inputs }) => ({
    ...(type === "gcp:serviceaccount/account:Account" && {
      email: `${String(inputs["accountId"])}@acme-punctual-dev.iam.gserviceaccount.com`,
      name: `projects/acme-punctual-dev/serviceAccounts/${name}`,
    }),
    ...(type === "gcp:iam/workloadIdentityPool:WorkloadIdentityPool" && {
      name: "projects/111111111111/locations/global/workloadIdentityPools/punctual-github",
    }),
    ...(type.endsWith(":WorkloadIdentityPoolProvider") && { name: "provider" }),
  }),
  call: () => ({}),
};

async function recorded(given: object = {}, preview = false): Promise<Graph> {
  const { ok, wrong } = readProjectSettings({ ...good, ...given });
  if (ok === undefined) throw new RangeError(wrong.join("\n"));
  return record({ project: "punctual-bootstrap-gcp", stack: "acme-dev", world, preview }, () => provisionProject(ok));
}

describe("A project of Google Cloud", () => {
  it("has each of its parts once, whether or not anything is known", async () => {
    const graph = await recorded();

    expect(graph.types()).to.deep.equal({
      "gcp:artifactregistry/repository:Repository": 1,
      "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": 2,
      "gcp:billing/accountIamMember:AccountIamMember": 2,
      "gcp:billing/budget:Budget": 1,
      "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": 1,
      "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": 1,
      "gcp:kms/cryptoKey:CryptoKey": 2,
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": 4,
      "gcp:kms/keyRing:KeyRing": 1,
      "gcp:logging/projectBucketConfig:ProjectBucketConfig": 1,
      "gcp:monitoring/notificationChannel:NotificationChannel": 1,
      "gcp:projects/iAMAuditConfig:IAMAuditConfig": 3,
      "gcp:projects/iAMMember:IAMMember": 2 * (ROLES.length + 1),
      "gcp:projects/service:Service": APIS.length,
      "gcp:serviceaccount/account:Account": 2,
      "gcp:serviceaccount/iAMMember:IAMMember": 2,
      "gcp:storage/bucket:Bucket": 1,
      "gcp:storage/bucketIAMMember:BucketIAMMember": 2,
      "pulumi:providers:gcp": 1,
      "pulumi:pulumi:Stack": 1,
      "punctual:gcp:Apis": 1,
      "punctual:gcp:Audit": 1,
      "punctual:gcp:Deployers": 1,
      "punctual:gcp:Images": 1,
      "punctual:gcp:Project": 1,
      "punctual:gcp:Spend": 1,
      "punctual:gcp:StateStore": 1,
    });
    expect((await recorded({}, true)).types()).to.deep.equal(graph.types());
  });

  it("makes nothing by a provider that is nobody's", async () => {
    const graph = await recorded();

    const provider = graph.one("pulumi:providers:gcp");
    const others = graph.resources.filter((one) => one.custom && !one.type.startsWith("pulumi:"));
    expect(others.filter((one) => one.provider?.startsWith(`${provider.urn}::`) !== true)).to.be.empty;
  });

  it("switches services on before it asks them, and never off", async () => {
    const graph = await recorded();

    const services = graph.all("gcp:projects/service:Service");
    expect(services.every(({ inputs }) => inputs["disableOnDestroy"] === false)).to.be.true;
    const ring = graph.one("gcp:kms/keyRing:KeyRing");
    expect(services.filter((one) => !graph.dependsOn(ring, one)).map(({ name }) => name)).to.be.empty;
  });

  it("keeps the state of stacks sealed, private, and for a year when it was replaced", async () => {
    const bucket = (await recorded()).one("gcp:storage/bucket:Bucket");

    expect(bucket.protect).to.be.true;
    expect(bucket.inputs).to.deep.include({
      name: "acme-punctual-dev-punctual-state",
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      versioning: { enabled: true },
      encryption: { defaultKmsKeyName: "punctual-state-key-id" },
    });
    expect(bucket.inputs["lifecycleRules"]).to.deep.equal([
      { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: 365, withState: "ARCHIVED" } },
    ]);
  });

  it("keeps images by tags that never move, sealed, looked through, and some of them for good", async () => {
    const graph = await recorded({ imagesFor: ["222222222222"] });

    expect(graph.one("gcp:artifactregistry/repository:Repository").inputs).to.deep.include({
      dockerConfig: { immutableTags: true },
      kmsKeyName: "punctual-images-key-id",
      vulnerabilityScanningConfig: { enablementConfig: "INHERITED" },
      cleanupPolicyDryRun: false,
      cleanupPolicies: [
        { id: "untagged", action: "DELETE", condition: { tagState: "UNTAGGED", olderThan: "2592000s" } },
        { id: "recent", action: "KEEP", mostRecentVersions: { keepCount: 10 } },
      ],
    });
    const reader = graph.one(
      "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
      "punctual-images-for-222222222222",
    );
    expect(reader.inputs).to.deep.include({
      role: "roles/artifactregistry.reader",
      member: "serviceAccount:service-222222222222@serverless-robot-prod.iam.gserviceaccount.com",
    });
  });

  it("leaves images to another project where it is told to", async () => {
    const graph = await recorded({ images: false });

    expect(graph.all("gcp:artifactregistry/repository:Repository")).to.be.empty;
    expect(graph.outputs).not.to.have.property("images");
  });

  it("notes who reads keys, secrets and state, and keeps logs as long as it is told", async () => {
    const graph = await recorded({ logDays: 14 });

    const watched = graph.all("gcp:projects/iAMAuditConfig:IAMAuditConfig");
    expect(watched.map(({ inputs }) => inputs["service"])).to.have.members([
      "cloudkms.googleapis.com",
      "secretmanager.googleapis.com",
      "storage.googleapis.com",
    ]);
    for (const { inputs } of watched) {
      expect(inputs["auditLogConfigs"]).to.deep.equal([{ logType: "DATA_READ" }, { logType: "DATA_WRITE" }]);
    }
    expect(graph.one("gcp:logging/projectBucketConfig:ProjectBucketConfig").inputs).to.deep.include({
      bucketId: "_Default",
      retentionDays: 14,
    });
  });

  it("says what it will cost, and what it has, of this project alone", async () => {
    const { inputs } = (await recorded()).one("gcp:billing/budget:Budget");

    expect(inputs["budgetFilter"]).to.deep.equal({ projects: ["projects/111111111111"] });
    expect(inputs["amount"]).to.deep.equal({ specifiedAmount: { currencyCode: "USD", units: "120" } });
    expect(inputs["thresholdRules"]).to.deep.equal([
      { thresholdPercent: 0.8, spendBasis: "FORECASTED_SPEND" },
      { thresholdPercent: 1, spendBasis: "CURRENT_SPEND" },
    ]);
  });
});

describe("A deployer", () => {
  it("is a workflow of its own environment, in the repository that was named, and nobody else", async () => {
    const graph = await recorded();

    const provider = graph.one("gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider");
    expect(provider.inputs["attributeCondition"]).to.equal(
      "assertion.repository == 'acme/punctual' && assertion.environment in ['dev', 'staging']",
    );
    const workflow = graph.one("gcp:serviceaccount/iAMMember:IAMMember", "punctual-deploy-dev-workflow");
    expect(workflow.inputs).to.deep.equal({
      serviceAccountId: "projects/acme-punctual-dev/serviceAccounts/punctual-deploy-dev-account",
      role: "roles/iam.workloadIdentityUser",
      member:
        "principal://iam.googleapis.com/projects/111111111111/locations/global/workloadIdentityPools/punctual-github" +
        "/subject/repo:acme/punctual:environment:dev",
    });
  });

  it("owns nothing, edits nothing by a basic role, and gives away what workloads need and no more", async () => {
    const given = (await recorded()).all("gcp:projects/iAMMember:IAMMember");

    const roles = new Set(given.map(({ inputs }) => String(inputs["role"])));
    for (const basic of ["owner", "editor", "viewer"]) expect(roles).not.to.include(`roles/${basic}`);
    const free = given.filter(({ inputs }) => inputs["condition"] === undefined);
    expect(
      free.filter(({ inputs }) => /IamAdmin|securityAdmin$/.test(String(inputs["role"]))).map(({ name }) => name),
    ).to.deep.equal(["punctual-deploy-dev-compute-securityAdmin", "punctual-deploy-staging-compute-securityAdmin"]);
    const giver = given.find(({ name }) => name === "punctual-deploy-dev-gives-roles");
    const { expression } = giver?.inputs["condition"] as { readonly expression: string };
    expect(expression).to.match(
      /^api\.getAttribute\('iam\.googleapis\.com\/modifiedGrantsByRole', \[\]\)\.hasOnly\(\[/,
    );
    expect([...expression.matchAll(/'(roles\/[\w.]+)'/g)].map(([, role]) => role)).to.deep.equal([...GIVEN]);
  });
});

describe("The settings of a project", () => {
  it("are all told at once where they are wrong", () => {
    const { wrong } = readProjectSettings({ ...good, project: "A", repository: "punctual", colour: "red" });

    for (const part of [
      "project.project: must be the id",
      "project.repository: must be",
      "project.colour is no setting",
    ]) {
      expect(wrong?.join("\n")).to.contain(part);
    }
  });

  it("do not keep images elsewhere and for others, nor name an environment twice", () => {
    const { wrong } = readProjectSettings({
      ...good,
      environments: ["dev", "dev"],
      images: false,
      imagesFor: ["222222222222"],
    });

    expect(wrong).to.deep.equal([
      "project.environments: names one of them twice",
      "project.imagesFor: names projects, and images are kept elsewhere",
    ]);
  });
});
