import { blueprintOf, ENVIRONMENTS, parseStackName, readSettings } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { gcp } from "../src/cloud.js";
import { type Asked, at, platformIn } from "./support/platform.js";

/** What both have, with a queue between. */
const COMMON = {
  "gcp:billing/budget:Budget": 1,
  "gcp:cloudrunv2/job:Job": 1,
  "gcp:cloudrunv2/service:Service": 4,
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": 4,
  "gcp:cloudscheduler/job:Job": 1,
  "gcp:compute/firewall:Firewall": 3,
  "gcp:compute/network:Network": 1,
  "gcp:compute/router:Router": 1,
  "gcp:compute/routerNat:RouterNat": 1,
  "gcp:compute/subnetwork:Subnetwork": 1,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": 5,
  "gcp:kms/keyRing:KeyRing": 1,
  "gcp:monitoring/dashboard:Dashboard": 3,
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": 1,
  "gcp:projects/serviceIdentity:ServiceIdentity": 3,
  "gcp:pubsub/subscription:Subscription": 3,
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": 1,
  "gcp:pubsub/topic:Topic": 3,
  "gcp:pubsub/topicIAMMember:TopicIAMMember": 4,
  "gcp:secretmanager/secret:Secret": 2,
  "gcp:secretmanager/secretIamMember:SecretIamMember": 5,
  "gcp:secretmanager/secretVersion:SecretVersion": 2,
  "gcp:serviceaccount/account:Account": 6,
  "gcp:serviceaccount/iAMMember:IAMMember": 1,
  "gcp:servicenetworking/connection:Connection": 1,
  "gcp:sql/database:Database": 1,
  "gcp:sql/databaseInstance:DatabaseInstance": 1,
  "gcp:sql/user:User": 5,
  "random:index/randomBytes:RandomBytes": 2,
};

const DEV = {
  ...COMMON,
  "gcp:compute/globalAddress:GlobalAddress": 1,
  // One for all that Google keeps, and one that seals.
  "gcp:kms/cryptoKey:CryptoKey": 2,
  "gcp:monitoring/alertPolicy:AlertPolicy": 18,
  "gcp:monitoring/notificationChannel:NotificationChannel": 1,
  "gcp:projects/iAMMember:IAMMember": 5,
};

const PRODUCTION = {
  ...COMMON,
  "gcp:compute/backendService:BackendService": 1,
  "gcp:compute/globalAddress:GlobalAddress": 2,
  "gcp:compute/globalForwardingRule:GlobalForwardingRule": 2,
  "gcp:compute/managedSslCertificate:ManagedSslCertificate": 1,
  "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": 1,
  "gcp:compute/sSLPolicy:SSLPolicy": 1,
  "gcp:compute/securityPolicy:SecurityPolicy": 1,
  "gcp:compute/targetHttpProxy:TargetHttpProxy": 1,
  "gcp:compute/targetHttpsProxy:TargetHttpsProxy": 1,
  "gcp:compute/uRLMap:URLMap": 2,
  "gcp:dns/recordSet:RecordSet": 1,
  "gcp:kms/cryptoKey:CryptoKey": 4,
  "gcp:monitoring/alertPolicy:AlertPolicy": 19,
  "gcp:monitoring/notificationChannel:NotificationChannel": 2,
  // Those with a collector send what it takes, besides.
  "gcp:projects/iAMMember:IAMMember": 9,
};

/** What nobody calls, nor pushes anything to. */
const WORKERS = {
  "gcp:billing/budget:Budget": 1,
  "gcp:cloudrunv2/job:Job": 1,
  "gcp:cloudrunv2/service:Service": 1,
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": 1,
  "gcp:cloudrunv2/workerPool:WorkerPool": 1,
  "gcp:compute/firewall:Firewall": 3,
  "gcp:compute/globalAddress:GlobalAddress": 1,
  "gcp:compute/network:Network": 1,
  "gcp:compute/router:Router": 1,
  "gcp:compute/routerNat:RouterNat": 1,
  "gcp:compute/subnetwork:Subnetwork": 1,
  "gcp:kms/cryptoKey:CryptoKey": 1,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": 2,
  "gcp:kms/keyRing:KeyRing": 1,
  "gcp:monitoring/alertPolicy:AlertPolicy": 11,
  "gcp:monitoring/dashboard:Dashboard": 3,
  "gcp:monitoring/notificationChannel:NotificationChannel": 1,
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": 1,
  "gcp:projects/iAMMember:IAMMember": 3,
  "gcp:projects/serviceIdentity:ServiceIdentity": 2,
  "gcp:secretmanager/secret:Secret": 2,
  "gcp:secretmanager/secretIamMember:SecretIamMember": 3,
  "gcp:secretmanager/secretVersion:SecretVersion": 2,
  "gcp:serviceaccount/account:Account": 3,
  "gcp:servicenetworking/connection:Connection": 1,
  "gcp:sql/database:Database": 1,
  "gcp:sql/databaseInstance:DatabaseInstance": 1,
  "gcp:sql/user:User": 3,
  "random:index/randomBytes:RandomBytes": 2,
};

const paged = { pagerUrl: "https://pager.example.com/1" };
const EACH: readonly Asked[] = ENVIRONMENTS.flatMap((environment) =>
  [{ scheduler: "two-stage" }, { scheduler: "single-stage" }, { scheduler: "long-running", runtime: "containers" }].map(
    (shape) => ({ environment, raw: { ...paged, ...shape } }),
  ),
);

const made = (graph: Graph) =>
  Object.fromEntries(Object.entries(graph.types()).filter(([type]) => !/^(pulumi|punctual):/.test(type)));

describe("Punctual on Google Cloud", () => {
  it("is made of these, in dev", async () => {
    expect(made(await platformIn({ raw: paged }))).to.deep.equal(DEV);
  });

  it("is made of these, in production", async () => {
    expect(made(await platformIn({ environment: "production", raw: paged }))).to.deep.equal(PRODUCTION);
  });

  it("is made of these where workers run on, in dev", async () => {
    expect(made(await platformIn({ raw: { runtime: "containers" } }))).to.deep.equal(WORKERS);
  });

  it("has the same before an API that runs on, and everything that it starts with is there", async () => {
    const graph = await platformIn({ environment: "production", raw: { runtime: "containers" } });
    const group = graph.one("gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup");
    const job = graph.one("gcp:cloudrunv2/job:Job");
    const firsts = [...graph.all("gcp:sql/user:User"), ...graph.all("gcp:sql/database:Database")];

    expect(at(group, "cloudRun.service")).to.equal("punctual-production-api");
    expect(graph.one("gcp:compute/backendService:BackendService").inputs).to.include({
      securityPolicy: "punctual-production-armor-policy-id",
    });
    expect(graph.outputs["api"]).to.equal("https://punctual.example.com");
    expect(graph.outputs["queues"]).to.deep.equal({});
    for (const first of [...firsts, ...graph.all("gcp:compute/firewall:Firewall")]) {
      expect(graph.dependsOn(job, first), first.name).to.be.true;
    }
  });

  for (const asked of EACH) {
    it(`is the same where nothing is known yet, in ${String(asked.environment)}, ${String(asked.raw?.["scheduler"])}`, async () => {
      const [known, unknown] = await Promise.all([platformIn(asked), platformIn({ ...asked, preview: true })]);

      expect(unknown.types()).to.deep.equal(known.types());
      expect(unknown.resources.map(({ name }) => name)).to.deep.equal(known.resources.map(({ name }) => name));
    });
  }

  it("has the platform above everything, and providers of its own for one project", async () => {
    for (const asked of EACH) {
      const graph = await platformIn(asked);
      const resources = graph.resources.filter(({ type }) => !type.startsWith("pulumi:"));
      const [platform] = graph.all("punctual:gcp:Platform");

      for (const one of resources.filter(({ urn }) => urn !== platform?.urn)) {
        expect(graph.ancestorsOf(one), one.urn).to.include(platform);
        if (one.custom) expect(one.provider, one.urn).to.match(/::punctual-\w+-(gcp|random)::/);
      }
    }
    const provider = (await platformIn()).one("pulumi:providers:gcp");
    expect(provider.inputs).to.include({ project: "acme-punctual-dev", region: "europe-west1" });
    expect(provider.inputs["addPulumiAttributionLabel"]).to.be.oneOf([false, "false"]);
    expect(String(JSON.stringify(provider.inputs["defaultLabels"]))).to.contain("managed-by");
  });

  it("cannot be deleted by mistake where it is precious", async () => {
    const LASTING = /DatabaseInstance$|:Database$|CryptoKey$|KeyRing$|:Secret$|RandomBytes$|:Topic$|:Subscription$/;
    const lasting = async (environment: "dev" | "production") =>
      (await platformIn({ environment })).resources.filter(({ type, custom }) => custom && LASTING.test(type));

    expect((await lasting("production")).filter(({ protect }) => !protect)).to.be.empty;
    expect((await lasting("dev")).filter(({ protect }) => protect)).to.be.empty;
    expect(await lasting("production")).to.have.length(17);
  });

  it("shows nobody a secret", async () => {
    const graph = await platformIn({ environment: "production", raw: paged });
    const version = graph.one("gcp:secretmanager/secretVersion:SecretVersion", "punctual-production-secrets-keys");
    const plain = graph.resources.filter(
      ({ inputs, secrets }) => secrets.length === 0 && JSON.stringify(inputs).includes("A".repeat(43)),
    );

    expect(version.secrets).to.deep.equal(["secretData"]);
    expect(graph.sourcesOf(version, "secretData").map(({ type, inputs }) => [type, inputs["length"]])).to.deep.equal([
      ["random:index/randomBytes:RandomBytes", 32],
    ]);
    expect(plain).to.be.empty;
    expect(JSON.stringify(graph.outputs)).not.to.contain("A".repeat(43));
  });

  it("has keys that are changed, and can be saved from destruction", async () => {
    for (const { inputs } of (await platformIn({ environment: "production" })).all("gcp:kms/cryptoKey:CryptoKey")) {
      expect(inputs).to.include({
        purpose: "ENCRYPT_DECRYPT",
        rotationPeriod: "7776000s",
        destroyScheduledDuration: "2592000s",
      });
    }
  });

  it("keeps its secrets in the region, sealed by a key of our own", async () => {
    const secret = (await platformIn({ environment: "production" })).one(
      "gcp:secretmanager/secret:Secret",
      "punctual-production-secrets-keys",
    );

    expect(at(secret, "replication.userManaged.replicas")).to.deep.equal([
      {
        location: "europe-west1",
        customerManagedEncryption: { kmsKeyName: "punctual-production-keys-secrets-id" },
      },
    ]);
  });

  it("tells what can be released, and where it is", async () => {
    const { outputs } = await platformIn();
    const [first, ...more] = outputs["releases"] as readonly Readonly<Record<string, string>>[];

    expect(first).to.include({
      workload: "api",
      kind: "cloud-run",
      project: "acme-punctual-dev",
      location: "europe-west1",
      service: "punctual-dev-api",
    });
    expect(first?.["revision"]).to.match(/^punctual-dev-api-[\da-f]{8}$/);
    expect(more.map(({ workload }) => workload)).to.deep.equal(["scheduler", "worker", "dead-letters"]);
    expect(outputs["queues"]).to.deep.equal({
      events: "punctual-dev-topics-events-id",
      "dead-letters": "punctual-dev-topics-dead-letters-id",
      unreadable: "punctual-dev-topics-unreadable-id",
    });
  });
});

describe("The files of stacks on Google Cloud", () => {
  for (const environment of ENVIRONMENTS) {
    it(`are good as they are, in ${environment}`, async () => {
      const file = new URL(`../../../config/Pulumi.gcp-${environment}.yaml`, import.meta.url);
      const { config } = parse(await readFile(file, "utf8")) as { readonly config: Readonly<Record<string, unknown>> };
      const { "punctual:gcp": own, ...rest } = config;
      const common = Object.entries(rest).filter(([name]) => name.startsWith("punctual:"));
      const stack = parseStackName(`gcp-${environment}`, ["gcp"]).ok ?? { cloud: "", environment: "" };
      const settings = readSettings(Object.fromEntries(common.map(([name, value]) => [name.slice(9), value])), stack);
      const mine = gcp.readSettings(own);

      expect([...(settings.wrong ?? []), ...(mine.wrong ?? [])]).to.deep.equal([]);
      if (settings.ok === undefined || mine.ok === undefined) return;
      expect(gcp.objections(mine.ok, blueprintOf("punctual", "gcp", settings.ok))).to.deep.equal([]);
    });
  }
});
