import type { EnvironmentName, Raw } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { LEFT_OUT } from "../src/differences.js";
import { labelsOf } from "../src/labels.js";
import { objectionsToGcp } from "../src/objections.js";
import { readGcpSettings } from "../src/settings.js";
import { blueprintIn, ownIn, settingsIn } from "./support/platform.js";

const objections = (environment: EnvironmentName, own: Raw = {}, raw: Raw = {}) =>
  objectionsToGcp(settingsIn(environment, own), blueprintIn(environment, raw));

describe("Google's own settings", () => {
  it("are good as they are for every environment", () => {
    for (const environment of ["dev", "staging", "production"] satisfies EnvironmentName[]) {
      expect(objections(environment), environment).to.deep.equal([]);
    }
  });

  it("tell everything that is wrong at once", () => {
    const own = ownIn("dev", {
      image: "example.com/punctual:latest",
      subnet: "10.0.0.0/8",
      colour: "red",
      region: "mars",
    });
    const wrong = readGcpSettings(own).wrong?.join("\n") ?? "";

    for (const part of ["gcp.image", "gcp.subnet", "gcp.colour is no setting", "gcp.region"]) {
      expect(wrong).to.contain(part);
    }
  });

  it("cannot leave out the collector where alarms must see", () => {
    const wrong = objections("staging", { collectorImage: undefined });

    expect(wrong.join()).to.contain("gcp.collectorImage is needed in staging");
  });

  it("cannot have more instances than the database has connections", () => {
    expect(objections("production", { instances: { worker: 200 } })).to.deep.equal([
      "instances would have 506 connections, and of db-custom-2-7680 they may have 320",
    ]);
    expect(objections("dev", { database: { pool: 4 } })).to.deep.equal([
      "instances would have 28 connections, and of db-f1-micro they may have 20",
    ]);
  });

  it("cannot have Pub/Sub push again what the worker still does", () => {
    expect(objections("dev", { ackDeadlineSeconds: 60 }).join()).to.contain("the worker may take 120");
    expect(objections("dev", { ackDeadlineSeconds: 120 })).to.deep.equal([]);
    expect(objections("dev", { ackDeadlineSeconds: 60 }, { scheduler: "single-stage" })).to.deep.equal([]);
  });

  it("cannot have users that PostgreSQL would call otherwise", () => {
    const project = `a${"b".repeat(28)}c`;

    expect(objections("production", { project }).join()).to.contain(
      `punctual-production-scheduler@${project}.iam has 64 letters`,
    );
  });

  it("keep backups elsewhere in production", () => {
    expect(objections("production", { backupLocation: undefined }).join()).to.contain("gcp.backupLocation is needed");
    expect(objections("production", { backupLocation: "europe-west1" }).join()).to.contain("is the region itself");
  });

  it("contradict themselves neither in the database's size nor about the console", () => {
    const own = { database: { storageGb: 100, mostStorageGb: 50 }, console: true };

    expect(objections("dev", own).join()).to.contain("mostStorageGb is 50").and.to.contain("gcp.console is true");
  });

  it("may let every page ask, by name or all of them", () => {
    expect(objections("dev", {}, { corsOrigins: ["*"] })).to.deep.equal([]);
    expect(objections("dev", {}, { corsOrigins: ["https://a.example.com"] })).to.deep.equal([]);
  });

  it("want a name outside dev", () => {
    expect(objections("staging", {}, { domain: "", zone: "" }).join()).to.contain("domain is needed in staging");
  });

  it("cannot keep from starting what only starts when it is called", () => {
    expect(objections("dev", { started: false }).join()).to.contain("gcp.started is false");
    expect(objections("dev", { started: false }, { runtime: "containers" })).to.deep.equal([]);
  });

  describe("where containers run", () => {
    const ofContainers = (environment: EnvironmentName, own: Raw = {}, raw: Raw = {}) =>
      objections(environment, own, { runtime: "containers", ...raw });

    it("are good as they are for every environment, whatever a queue would ask", () => {
      for (const environment of ["dev", "staging", "production"] satisfies EnvironmentName[]) {
        expect(ofContainers(environment, { ackDeadlineSeconds: 10 }), environment).to.deep.equal([]);
      }
    });

    it("cannot have more instances than the database has connections", () => {
      // Twice 8 APIs × 4 and 24 workers × (6 + 1), and 3 to migrate.
      expect(ofContainers("production", { instances: { worker: 24 } })).to.deep.equal([
        "instances would have 403 connections, and of db-custom-2-7680 they may have 400",
      ]);
      expect(ofContainers("production", { instances: { worker: 23 } })).to.deep.equal([]);
      expect(ofContainers("dev", { database: { pool: 6 } })).to.deep.equal([
        "instances would have 29 connections, and of db-f1-micro they may have 25",
      ]);
    });

    it("cannot have fewer connections than the program begins with, nor traffic that nobody shifts", () => {
      const release = { stable: "punctual-dev-scheduler-11111111", percent: 10 };

      expect(ofContainers("dev", { database: { pool: 1 }, traffic: { scheduler: release } })).to.deep.equal([
        "gcp.database.pool is 1, and a container begins with 2",
        "gcp.traffic.scheduler is set, and of containers the api and workers alone are shifted",
      ]);
    });

    it("want a name outside dev, a collector, and backups elsewhere all the same", () => {
      const own = { collectorImage: undefined, backupLocation: undefined };
      const wrong = ofContainers("production", own, { domain: "", zone: "" }).join();

      for (const part of ["gcp.collectorImage", "gcp.backupLocation", "domain is needed"]) {
        expect(wrong).to.contain(part);
      }
    });
  });
});

describe("What Google Cloud does without", () => {
  it("is said with its reason", () => {
    expect(Object.keys(LEFT_OUT)).to.have.members(["authorizer", "health"]);
  });
});

describe("Labels", () => {
  it("are in letters that Google knows", () => {
    expect(labelsOf({ repository: "Acme/Punctual", "managed-by": "pulumi" })).to.deep.equal({
      repository: "acme-punctual",
      "managed-by": "pulumi",
    });
  });
});
