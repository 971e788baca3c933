import { expect } from "chai";
import { wrongBindings } from "../src/bindings.js";

const database = { PUNCTUAL_DATABASE_URL: "postgres://punctual@db.example.com/punctual" };
const migrateOnGcp = { ...database, PUNCTUAL_GCP_PROJECT: "acme-punctual-dev" };
const authorizer = {
  PUNCTUAL_AUTH: "secret",
  PUNCTUAL_AUTH_ISSUER: "https://accounts.example.com/",
  PUNCTUAL_AUTH_AUDIENCE: "punctual",
  PUNCTUAL_AUTH_SECRET_ARN: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:auth",
};

describe("What a stack gives a workload", () => {
  it("is right when it has what is needed, and nothing else", () => {
    expect(wrongBindings("aws", "migrate", database)).to.be.empty;
    expect(wrongBindings("gcp", "migrate", migrateOnGcp)).to.be.empty;
    expect(wrongBindings("aws", "authorizer", authorizer)).to.be.empty;
  });

  it("is wrong when something is missing, or contradicts", () => {
    const { PUNCTUAL_AUTH_SECRET_ARN: _, ...without } = authorizer;

    expect(wrongBindings("aws", "migrate", {}))
      .to.have.length(1)
      .and.match(/PUNCTUAL_DATABASE_URL/);
    expect(wrongBindings("aws", "authorizer", without)).to.deep.equal([
      "PUNCTUAL_AUTH_SECRET is needed where PUNCTUAL_AUTH is secret",
    ]);
    const twice = { ...database, PUNCTUAL_DATABASE_IAM: "true", PUNCTUAL_DATABASE_PASSWORD_ARN: "arn" };
    expect(wrongBindings("aws", "migrate", twice)).to.deep.equal([
      "PUNCTUAL_DATABASE_IAM is true, and PUNCTUAL_DATABASE_PASSWORD_ARN is set",
    ]);
  });

  it("is wrong when it is never read, there or anywhere", () => {
    expect(wrongBindings("aws", "migrate", { ...database, PUNCTUAL_AUTH: "secret" })).to.deep.equal([
      "PUNCTUAL_AUTH is not read",
    ]);
    expect(wrongBindings("gcp", "migrate", { ...migrateOnGcp, PUNCTUAL_COLOUR: "red" })).to.deep.equal([
      "PUNCTUAL_COLOUR is no variable of this program; see docs/gcp.md",
      "PUNCTUAL_COLOUR is not read",
    ]);
  });

  it("depends on the scheduler's shape, and on what carries messages", () => {
    const single = { ...database, PUNCTUAL_SCHEDULER: "single-stage", PUNCTUAL_KMS_KEYS: "alias/sealing" };

    expect(wrongBindings("aws", "scheduler", single)).to.be.empty;
    expect(wrongBindings("aws", "scheduler", { ...single, PUNCTUAL_SCHEDULER: "two-stage" })).to.include(
      "PUNCTUAL_KMS_KEYS is not read",
    );
    expect(wrongBindings("gcp", "worker", { ...migrateOnGcp, PUNCTUAL_TRANSPORT: "cloud-tasks" }).join()).to.match(
      /PUNCTUAL_TRANSPORT_QUEUE/,
    );
  });

  it("is nothing for what does not run there", () => {
    expect(wrongBindings("gcp", "authorizer", {})).to.deep.equal(["authorizer is no workload on gcp"]);
  });
});
