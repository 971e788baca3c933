import { databaseRoles, ENVIRONMENTS } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { budgetOf, connectionsOf } from "../src/connections.js";
import { workloadsOn } from "../src/differences.js";
import { connectionsWanted, scalingOf } from "../src/scaling.js";
import { at, blueprintIn, environmentOf, platformIn, settingsIn } from "./support/platform.js";

const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";

describe("The database on Cloud SQL", () => {
  it("is reached by TLS from the network alone", async () => {
    for (const environment of ENVIRONMENTS) {
      const graph = await platformIn({ environment });
      const instance = graph.one(INSTANCE);

      expect(at(instance, "settings.ipConfiguration")).to.deep.equal({
        ipv4Enabled: false,
        privateNetwork: `punctual-${environment}-network-vpc-id`,
        sslMode: "ENCRYPTED_ONLY",
      });
      expect(graph.dependsOn(instance, graph.one("gcp:servicenetworking/connection:Connection"))).to.be.true;
    }
  });

  it("stays up, and resists being deleted, where it is precious", async () => {
    const production = (await platformIn({ environment: "production" })).one(INSTANCE);

    expect(production).to.include({ protect: true });
    expect(production.inputs).to.include({ deletionProtection: true, databaseVersion: "POSTGRES_17" });
    expect(at(production, "settings")).to.deep.include({
      tier: "db-custom-2-7680",
      edition: "ENTERPRISE",
      availabilityType: "REGIONAL",
      deletionProtectionEnabled: true,
      retainBackupsOnDelete: true,
      diskSize: 50,
      diskAutoresize: true,
      diskAutoresizeLimit: 200,
    });
    expect(at(production, "settings.backupConfiguration")).to.deep.equal({
      enabled: true,
      startTime: "02:00",
      location: "eu",
      pointInTimeRecoveryEnabled: true,
      transactionLogRetentionDays: 7,
      backupRetentionSettings: { retainedBackups: 7, retentionUnit: "COUNT" },
    });
  });

  it("is small, and can be thrown away, in dev", async () => {
    const dev = (await platformIn()).one(INSTANCE);

    expect(dev).to.include({ protect: false });
    expect(dev.inputs).to.include({ deletionProtection: false });
    expect(at(dev, "settings")).to.include({
      tier: "db-f1-micro",
      availabilityType: "ZONAL",
      deletionProtectionEnabled: false,
    });
  });

  it("lets accounts in by tokens, and clears up after itself often", async () => {
    expect(at((await platformIn()).one(INSTANCE), "settings.databaseFlags")).to.deep.include.members([
      { name: "cloudsql.iam_authentication", value: "on" },
      { name: "autovacuum_naptime", value: "5" },
    ]);
  });

  it("has a user for each account that needs it, and no password", async () => {
    const users = (await platformIn()).all("gcp:sql/user:User");

    expect(users.map(({ inputs }) => inputs["name"])).to.have.members(
      ["api", "scheduler", "worker", "dead", "migrate"].map((one) => `punctual-dev-${one}@acme-punctual-dev.iam`),
    );
    for (const { inputs } of users) {
      expect(inputs).to.include({ type: "CLOUD_IAM_SERVICE_ACCOUNT" }).and.not.to.have.property("password");
    }
  });
});

describe("Connections to the database", () => {
  it("are as many as Cloud SQL gives to a machine", () => {
    const of = ["db-f1-micro", "db-g1-small", "db-custom-1-3840", "db-custom-2-7680", "db-custom-4-15360"];

    expect(of.map(connectionsOf)).to.deep.equal([25, 50, 100, 400, 500]);
  });

  it("are enough for all instances at once, in every environment and each shape", () => {
    for (const environment of ENVIRONMENTS) {
      for (const scheduler of ["two-stage", "single-stage"]) {
        const [own, blueprint] = [settingsIn(environment), blueprintIn(environment, { scheduler })];
        const tier = { dev: "db-f1-micro", staging: "db-custom-1-3840", production: "db-custom-2-7680" }[environment];

        expect(connectionsWanted(own, blueprint), environment).to.be.at.most(budgetOf(tier)).and.above(0);
      }
    }
  });

  it("let there be fewer workers where each has more of them", () => {
    const own = settingsIn("staging", { database: { pool: 4 } });

    // Of 80, 4 × 10 are for the API and 4 × 3 for the rest.
    expect(scalingOf(own, blueprintIn("staging")).worker.most).to.equal(7);
  });
});

describe("Roles in the database", () => {
  it("are told as an output, for whoever may give them", async () => {
    const { outputs } = await platformIn();

    expect(outputs["databaseRoles"]).to.contain('TO "punctual-dev-migrate@acme-punctual-dev.iam";');
  });

  it("have whoever needs tables own them together, and the others read and write rows", () => {
    const users = workloadsOn(blueprintIn("dev")).map((workload) => ({ workload, user: `${workload.name}@acme.iam` }));
    const sql = databaseRoles("punctual", users).split("\n");

    expect(sql).to.include.members([
      'GRANT punctual_owner TO "migrate@acme.iam";',
      'GRANT punctual_owner TO "scheduler@acme.iam";',
      'GRANT punctual_rows TO "worker@acme.iam";',
    ]);
    expect(sql).not.to.include('GRANT punctual_owner TO "worker@acme.iam";');
  });

  it("are acted as by those who make tables, so that one may change what another has made", async () => {
    const graph = await platformIn();
    const acting = ["api", "scheduler", "worker", "dead-letters", "migrate"].filter((one) =>
      environmentOf(graph, one)["PUNCTUAL_DATABASE_URL"]?.endsWith("&options=-c%20role%3Dpunctual_owner"),
    );

    expect(acting).to.deep.equal(["scheduler", "migrate"]);
  });
});
