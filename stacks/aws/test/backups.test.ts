import * as aws from "@pulumi/aws";
import { type Graph, record } from "@punctual/stack-testkit";
import { expect } from "chai";
import { AwsBackups } from "../src/backups.js";
import { AwsKeys } from "../src/keys.js";
import { planOf, typesIn } from "./support/plans.js";
import { statementsIn } from "./support/policies.js";
import { AWS } from "./support/world.js";

async function backupsOf(preview = false): Promise<Graph> {
  const plan = planOf({ environment: "production" });
  return record({ world: AWS, preview }, () => {
    const [here, there] = [new aws.Provider("here", {}), new aws.Provider("there", {})];
    const opts = { providers: [here] };
    const keys = new AwsKeys("keys", plan, opts).atRest;
    const instance = new aws.rds.Instance(
      "instance",
      { identifier: "main", instanceClass: "db.t4g.micro" },
      { provider: here },
    );
    const elsewhere = { region: "eu-central-1", provider: there };
    new AwsBackups("backups", { ...plan, keys, instance, elsewhere }, opts);
  });
}

const DATABASE = "arn:aws:rds:eu-west-1:111111111111:db:main";
const KEY = "arn:aws:kms:eu-west-1:111111111111:key/backups-key-elsewhere";

describe("Backups", () => {
  let graph: Graph;
  before(async () => {
    graph = await backupsOf();
  });

  it("have just these parts, whether or not anything is known", async () => {
    const types = {
      "aws:backup/plan:Plan": 1,
      "aws:backup/selection:Selection": 1,
      "aws:backup/vault:Vault": 2,
      "aws:iam/role:Role": 1,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment": 1,
      "aws:kms/alias:Alias": 6,
      "aws:kms/key:Key": 6,
      "aws:rds/instance:Instance": 1,
      "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": 1,
      "punctual:aws:Backups": 1,
      "punctual:aws:Keys": 1,
    };
    expect(typesIn(graph)).to.deep.equal(types);
    expect(typesIn(await backupsOf(true))).to.deep.equal(types);
  });

  it("are carried to another region all along, and sealed there by a key of that region", () => {
    const replication = graph.one("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication");
    expect(replication.inputs).to.deep.equal({ sourceDbInstanceArn: DATABASE, kmsKeyId: KEY, retentionPeriod: 7 });
    expect(statementsIn(graph.one("aws:kms/key:Key", "backups-key-elsewhere"))[1]?.Condition).to.deep.equal({
      StringEquals: { "kms:ViaService": ["rds.eu-central-1.amazonaws.com", "backup.eu-central-1.amazonaws.com"] },
    });
    const there = graph.resources.filter(({ provider }) => provider?.includes("::there::"));
    expect(there.map(({ name }) => name)).to.have.members([
      ...["backups-key-elsewhere", "backups-key-elsewhere-alias", "backups-replication", "backups-copies"],
    ]);
  });

  it("are made each day, and kept for 35 days in both regions", () => {
    const [rule, ...others] = graph.one("aws:backup/plan:Plan").inputs["rules"] as readonly object[];
    expect(others).to.be.empty;
    expect(rule).to.deep.include({
      schedule: "cron(0 4 * * ? *)",
      lifecycle: { deleteAfter: 35 },
      copyActions: [
        {
          destinationVaultArn: "arn:aws:backup:eu-west-1:111111111111:backup-vault:backups-copies",
          lifecycle: { deleteAfter: 35 },
        },
      ],
    });
    expect(graph.one("aws:backup/selection:Selection").inputs["resources"]).to.deep.equal([DATABASE]);
  });

  it("cannot be removed by mistake", () => {
    const kept = graph.resources.filter(({ protect, name }) => protect && name.startsWith("backups"));
    expect(kept.map(({ name }) => name)).to.have.members([
      ...["backups-key-elsewhere", "backups-replication", "backups-vault", "backups-copies"],
    ]);
  });
});
