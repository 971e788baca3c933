import type { WorkloadName } from "@punctual/stack-blueprint";
import type { Graph, Planned } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AwsDatabase } from "../src/database.js";
import { AwsKeys } from "../src/keys.js";
import { AwsNetwork } from "../src/network.js";
import { rolesFor } from "../src/database-users.js";
import { IN_CONTAINERS, planOf, recorded, type Told, typesIn } from "./support/plans.js";
import { statementsIn } from "./support/policies.js";

async function databaseOf(told: Told, preview = false) {
  const plan = planOf(told);
  let database: AwsDatabase | undefined;
  const graph = await recorded(
    (provider) => {
      const opts = { providers: [provider] };
      const keys = new AwsKeys("keys", plan, opts).atRest;
      const network = new AwsNetwork("network", { ...plan, keys }, opts);
      database = new AwsDatabase("database", { ...plan, keys, network }, opts);
    },
    { preview },
  );
  if (database === undefined) throw new Error("It was not made");
  return { graph, database };
}

/** What the database itself is made of. */
function partsIn(graph: Graph): Readonly<Record<string, number>> {
  const parts = graph.resources.filter(({ name, type }) => /^database(-|$)/.test(name) && !type.startsWith("pulumi:"));
  const counted: Record<string, number> = {};
  for (const { type } of parts) counted[type] = (counted[type] ?? 0) + 1;
  return counted;
}

const instanceIn = (graph: Graph): Planned => graph.one("aws:rds/instance:Instance");

describe("The database", () => {
  for (const environment of ["dev", "staging", "production"] as const) {
    it(`has just these parts in ${environment}, whether or not anything is known`, async () => {
      const { graph } = await databaseOf({ environment });

      expect(partsIn(graph)).to.deep.equal({
        "aws:cloudwatch/logGroup:LogGroup": 3,
        "aws:ec2/securityGroup:SecurityGroup": 3,
        "aws:iam/role:Role": 2,
        "aws:iam/rolePolicy:RolePolicy": 2,
        "aws:rds/instance:Instance": 1,
        "aws:rds/parameterGroup:ParameterGroup": 1,
        "aws:rds/proxy:Proxy": 1,
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": 1,
        "aws:rds/proxyTarget:ProxyTarget": 1,
        "aws:rds/subnetGroup:SubnetGroup": 1,
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 2,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 2,
        "punctual:aws:Database": 1,
        "punctual:aws:DatabaseGroups": 1,
        "punctual:aws:DatabaseInstance": 1,
        "punctual:aws:DatabaseProxy": 1,
      });
      expect(typesIn((await databaseOf({ environment }, true)).graph)).to.deep.equal(typesIn(graph));
    });
  }

  const sizes = [
    { environment: "dev", is: ["db.t4g.micro", false, 20, 50], precious: false },
    { environment: "staging", is: ["db.t4g.small", true, 20, 100], precious: true },
    { environment: "production", is: ["db.t4g.medium", true, 50, 200], precious: true },
  ] as const;
  for (const { environment, is, precious } of sizes) {
    it(`has its size in ${environment}, and ${precious ? "cannot be" : "can be"} removed by mistake`, async () => {
      const { inputs, protect } = instanceIn((await databaseOf({ environment })).graph);
      const size = ["instanceClass", "multiAz", "allocatedStorage", "maxAllocatedStorage"].map((name) => inputs[name]);

      expect(size).to.deep.equal(is);
      expect(protect).to.equal(precious);
      expect(inputs).to.deep.include({
        deletionProtection: precious,
        skipFinalSnapshot: !precious,
        deleteAutomatedBackups: !precious,
        identifier: `punctual-${environment}-database`,
      });
      expect(inputs["finalSnapshotIdentifier"]).to.equal(
        precious ? `punctual-${environment}-database-last` : undefined,
      );
    });
  }

  it("takes other sizes where it is told of them", async () => {
    const own = { database: { instanceClass: "db.m7g.large", storageGb: 100, mostStorageGb: 1_000 } };

    expect(instanceIn((await databaseOf({ own })).graph).inputs).to.deep.include({
      instanceClass: "db.m7g.large",
      allocatedStorage: 100,
      maxAllocatedStorage: 1_000,
    });
  });

  describe("in production", () => {
    let graph: Graph;
    let database: AwsDatabase;
    before(async () => {
      ({ graph, database } = await databaseOf({ environment: "production" }));
    });
    const key = (domain: string) => `arn:aws:kms:eu-west-1:111111111111:key/keys-${domain}`;

    it("is sealed, saved and watched, and its password is known to RDS alone", () => {
      expect(instanceIn(graph).inputs).to.deep.include({
        engine: "postgres",
        engineVersion: "16",
        applyImmediately: false,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: key("secrets"),
        iamDatabaseAuthenticationEnabled: true,
        caCertIdentifier: "rds-ca-rsa2048-g1",
        storageType: "gp3",
        storageEncrypted: true,
        kmsKeyId: key("data"),
        backupRetentionPeriod: 7,
        copyTagsToSnapshot: true,
        performanceInsightsEnabled: true,
        performanceInsightsRetentionPeriod: 7,
        performanceInsightsKmsKeyId: key("data"),
        monitoringInterval: 60,
        enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      });
      expect(instanceIn(graph).inputs).not.to.have.any.keys("password", "passwordWo");
      expect(graph.one("aws:rds/parameterGroup:ParameterGroup").inputs).to.deep.include({
        family: "postgres16",
        parameters: [{ name: "rds.force_ssl", value: "1" }],
      });
    });

    it("is in the isolated tier, and nobody outside reaches it", () => {
      expect(instanceIn(graph).inputs).to.deep.include({
        publiclyAccessible: false,
        vpcSecurityGroupIds: ["database-groups-instance-id"],
        dbSubnetGroupName: "database-instance-subnets",
      });
      expect(graph.one("aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"]).to.deep.equal([
        ...["network-isolated-a-id", "network-isolated-b-id", "network-isolated-c-id"],
      ]);
    });

    it("is asked by its proxy, and that by its clients: groups ask groups", () => {
      const rules = (type: string) =>
        graph
          .all(`aws:vpc/securityGroup${type}Rule:SecurityGroup${type}Rule`)
          .filter(({ name }) => name.startsWith("database"))
          .map(({ inputs }) => inputs);
      const rule = (securityGroupId: string, referencedSecurityGroupId: string) => ({
        securityGroupId,
        referencedSecurityGroupId,
        ipProtocol: "tcp",
        fromPort: 5_432,
        toPort: 5_432,
      });
      expect(rules("Egress")).to.have.deep.members([
        rule("database-groups-clients-id", "database-groups-proxy-id"),
        rule("database-groups-proxy-id", "database-groups-instance-id"),
      ]);
      expect(rules("Ingress")).to.have.deep.members([
        rule("database-groups-proxy-id", "database-groups-clients-id"),
        rule("database-groups-instance-id", "database-groups-proxy-id"),
      ]);
    });

    it("has a proxy in the private tier that lets in by IAM and TLS alone", () => {
      expect(graph.one("aws:rds/proxy:Proxy").inputs).to.deep.include({
        name: "punctual-production-proxy",
        engineFamily: "POSTGRESQL",
        requireTls: true,
        debugLogging: false,
        auths: [
          {
            authScheme: "SECRETS",
            iamAuth: "REQUIRED",
            secretArn: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!db-1",
          },
        ],
        vpcSubnetIds: ["network-private-a-id", "network-private-b-id", "network-private-c-id"],
        vpcSecurityGroupIds: ["database-groups-proxy-id"],
      });
      expect(graph.one("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup").inputs).to.deep.equal({
        dbProxyName: "punctual-production-proxy",
        connectionPoolConfig: { maxConnectionsPercent: 80, connectionBorrowTimeout: 30 },
      });
      expect(graph.one("aws:rds/proxyTarget:ProxyTarget").inputs).to.deep.equal({
        dbProxyName: "punctual-production-proxy",
        targetGroupName: "default",
        dbInstanceIdentifier: "punctual-production-database",
      });
    });

    it("lets its proxy read its password, and nothing else", () => {
      expect(statementsIn(graph.one("aws:iam/rolePolicy:RolePolicy", "database-proxy-policy"))).to.deep.equal([
        {
          Sid: "ReadPassword",
          Effect: "Allow",
          Action: ["secretsmanager:GetSecretValue"],
          Resource: ["arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!db-1"],
        },
        {
          Sid: "OpenPassword",
          Effect: "Allow",
          Action: ["kms:Decrypt"],
          Resource: [key("secrets")],
          Condition: { StringEquals: { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" } },
        },
      ]);
      for (const [name, service] of [
        ["database-proxy-role", "rds.amazonaws.com"],
        ["database-instance-watcher", "monitoring.rds.amazonaws.com"],
      ] as const) {
        const [trust] = statementsIn(graph.one("aws:iam/role:Role", name), "assumeRolePolicy");
        expect(trust?.Principal).to.deep.equal({ Service: service });
        expect(trust?.Condition?.["StringEquals"]).to.deep.equal({ "aws:SourceAccount": "111111111111" });
      }
    });

    it("has its logs made before it writes any, and they do not stay for ever", () => {
      const logs = graph.all("aws:cloudwatch/logGroup:LogGroup").filter(({ name }) => name.startsWith("database"));
      expect(logs.map(({ inputs }) => [inputs["name"], inputs["retentionInDays"], inputs["kmsKeyId"]])).to.deep.equal([
        ["/aws/rds/instance/punctual-production-database/postgresql", 7, key("logs")],
        ["/aws/rds/instance/punctual-production-database/upgrade", 7, key("logs")],
        ["/aws/rds/proxy/punctual-production-proxy", 7, key("logs")],
      ]);
      const [postgresql, upgrade, proxied] = logs as [Planned, Planned, Planned];
      expect(graph.dependsOn(instanceIn(graph), postgresql)).to.be.true;
      expect(graph.dependsOn(instanceIn(graph), upgrade)).to.be.true;
      expect(graph.dependsOn(graph.one("aws:rds/proxy:Proxy"), proxied)).to.be.true;
    });

    it("says where it is without a password, and whom IAM must let in", async () => {
      const told = await toldTo(database, "worker");

      expect(told).to.deep.equal([
        "postgres://punctual@punctual-production-proxy.proxy-abc.eu-west-1.rds.amazonaws.com:5432/punctual?sslmode=verify-full",
        "arn:aws:rds-db:eu-west-1:111111111111:dbuser:prx-0123456789/punctual",
      ]);
    });
  });

  describe("of tasks", () => {
    let graph: Graph;
    let database: AwsDatabase;
    before(async () => {
      ({ graph, database } = await databaseOf({ ...IN_CONTAINERS, environment: "production" }));
    });

    it("has no proxy, and is asked by its clients: groups ask groups", () => {
      const rule = {
        ...{ ipProtocol: "tcp", fromPort: 5_432, toPort: 5_432 },
        ...{ securityGroupId: "database-groups-clients-id", referencedSecurityGroupId: "database-groups-instance-id" },
      };
      const rules = (type: string) =>
        graph
          .all(`aws:vpc/securityGroup${type}Rule:SecurityGroup${type}Rule`)
          .filter(({ name }) => name.startsWith("database"))
          .map(({ inputs }) => inputs);

      expect(Object.keys(partsIn(graph)).filter((type) => /proxy/i.test(type))).to.be.empty;
      expect(partsIn(graph)["aws:ec2/securityGroup:SecurityGroup"]).to.equal(2);
      expect(rules("Egress")).to.deep.equal([rule]);
      expect(rules("Ingress")).to.deep.equal([
        {
          ...rule,
          securityGroupId: rule.referencedSecurityGroupId,
          referencedSecurityGroupId: rule.securityGroupId,
        },
      ]);
    });

    it("lets each in as a user of its own by IAM, who acts as the owner if it makes tables", async () => {
      const at = "punctual-production-database.abc.eu-west-1.rds.amazonaws.com:5432/punctual";
      const users = "arn:aws:rds-db:eu-west-1:111111111111:dbuser:db-ABC0123456789";

      expect(await toldTo(database, "api")).to.deep.equal([
        `postgres://punctual_api@${at}?uselibpqcompat=true&sslmode=require`,
        `${users}/punctual_api`,
      ]);
      expect(await toldTo(database, "worker")).to.deep.equal([
        `postgres://punctual_worker@${at}?uselibpqcompat=true&sslmode=require&options=-c%20role%3Dpunctual_owner`,
        `${users}/punctual_worker`,
      ]);
    });

    it("is told whom to let in by IAM: users alone, as the master is a member of roles and has a password", () => {
      const { workloads } = planOf({ ...IN_CONTAINERS, environment: "production" }).blueprint;
      const sql = rolesFor(workloads).split("\n");

      for (const name of ["api", "worker", "migrate"]) {
        expect(sql.indexOf(`CREATE ROLE "punctual_${name}" LOGIN;`), name).to.be.within(0, 2);
        expect(sql).to.include(`GRANT rds_iam TO "punctual_${name}";`);
      }
      expect(sql.filter((line) => line.startsWith("GRANT rds_iam"))).to.have.length(3);
      expect(sql).to.include.members([
        'GRANT punctual_rows TO "punctual_api";',
        'GRANT punctual_owner TO "punctual_worker";',
        'GRANT punctual_owner TO "punctual_migrate";',
      ]);
    });
  });
});

async function toldTo(database: AwsDatabase, name: WorkloadName): Promise<readonly string[]> {
  const { workloads } = planOf(IN_CONTAINERS).blueprint;
  const workload = workloads.find((one) => one.name === name);
  if (workload === undefined) throw new RangeError(`There is no ${name}`);
  const { url, arn } = database.loginOf(workload);
  return Promise.all([url, arn].map(async (one) => new Promise<string>((resolve) => one.apply(resolve))));
}
