import { expect } from "chai";
import { NAME, onGcp } from "./support/grounds.js";
import { complaintsOf, costOf, ENVIRONMENTS, typesOf } from "./support/recorded.js";

const INSTANCE = "gcp:redis/instance:Instance";

describe("Redis on Google Cloud", () => {
  it("is an instance of Memorystore, a way to it, and a secret that holds its URL", async () => {
    const { own } = await onGcp("dev");

    expect(typesOf(own)).to.deep.equal({
      ...{ "punctual:gcp:Redis": 1, [INSTANCE]: 1, "gcp:compute/firewall:Firewall": 1 },
      ...{ "gcp:projects/serviceIdentity:ServiceIdentity": 1, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": 1 },
      ...{ "gcp:secretmanager/secret:Secret": 1, "gcp:secretmanager/secretVersion:SecretVersion": 1 },
      "gcp:secretmanager/secretIamMember:SecretIamMember": 1,
      "gcp:monitoring/alertPolicy:AlertPolicy": 2,
    });
  });

  for (const environment of ENVIRONMENTS) {
    it(`breaks no policy in ${environment}, and costs what is known`, async () => {
      const recorded = await onGcp(environment);

      expect(complaintsOf(recorded, { cloud: "gcp", environment })).to.deep.equal([]);
      expect(costOf(recorded, "gcp", environment)).to.be.within(30, 120);
    });

    it(`registers the same in ${environment} where nothing is known yet`, async () => {
      const [known, unknown] = [await onGcp(environment), await onGcp(environment, true)];

      expect(typesOf(unknown.own)).to.deep.equal(typesOf(known.own));
    });
  }

  it("is sealed by the platform's keys, drops nothing, and has a standby and copies where they are wanted", async () => {
    const [dev, { graph }] = [await onGcp("dev"), await onGcp("production")];
    const instance = graph.one(INSTANCE);

    expect(instance.inputs).to.deep.include({
      ...{ tier: "STANDARD_HA", authEnabled: true, transitEncryptionMode: "SERVER_AUTHENTICATION" },
      ...{ connectMode: "PRIVATE_SERVICE_ACCESS", redisConfigs: { "maxmemory-policy": "noeviction" } },
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" },
    });
    expect(graph.sourcesOf(instance, "customerManagedKey").map(({ name }) => name)).to.deep.equal(["punctual-data"]);
    expect(instance.protect).to.equal(true);
    for (const before of [
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
      "gcp:servicenetworking/connection:Connection",
    ])
      expect(graph.dependsOn(instance, graph.one(before)), before).to.equal(true);
    expect(dev.graph.one(INSTANCE).inputs).to.deep.include({ tier: "BASIC" });
  });

  it("lets nothing out of the network but to itself", async () => {
    const { graph } = await onGcp("dev");

    expect(graph.one("gcp:compute/firewall:Firewall").inputs).to.deep.include({
      ...{ direction: "EGRESS", destinationRanges: ["10.60.0.4/32"] },
      allows: [{ protocol: "tcp", ports: ["6378"] }],
    });
  });

  it("tells its URL as a secret, to those who carry messages alone, and beside it whom to believe", async () => {
    const { graph } = await onGcp("dev");
    const { inputs, secrets } = graph.one("gcp:secretmanager/secretVersion:SecretVersion");

    expect(graph.outputs["variables"]).to.deep.equal({
      PUNCTUAL_TRANSPORT: NAME,
      PUNCTUAL_TRANSPORT_REDIS_CA: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----",
    });
    expect(graph.outputs["secrets"]).to.deep.equal({
      PUNCTUAL_TRANSPORT_REDIS_URL: { secret: "punctual-dev-transport-url", version: "1" },
    });
    expect(secrets).to.include("secretData");
    expect(inputs["secretData"]).to.match(/^rediss:\/\/:[\da-f-]{36}@10\.60\.0\.4:6378$/);
    expect(
      graph.all("gcp:secretmanager/secretIamMember:SecretIamMember").map(({ inputs }) => inputs["member"]),
    ).to.deep.equal(["serviceAccount:punctual-worker@acme-punctual.iam.gserviceaccount.com"]);
  });

  it("tells people when it fills, and when it drops something", async () => {
    const { graph } = await onGcp("dev");
    const alerts = JSON.stringify(graph.all("gcp:monitoring/alertPolicy:AlertPolicy").map(({ inputs }) => inputs));

    for (const part of [
      "redis.googleapis.com/stats/memory/usage_ratio",
      "redis.googleapis.com/stats/evicted_keys",
      "projects/acme-punctual/locations/europe-west1/instances/punctual-dev-transport",
    ])
      expect(alerts).to.contain(part);
  });
});
