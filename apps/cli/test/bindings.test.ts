import { expect } from "chai";
import { wrongBindings } from "../src/bindings.js";

const TOLD = {
  PUNCTUAL_DATABASE_URL: "postgres://punctual@proxy.example.com/punctual",
  PUNCTUAL_DATABASE_LOGIN: "@punctual/adapter-aws/login",
};

describe("What is wrong with the variables of a task that migrates", () => {
  it("is nothing where it knows the database and whom to log in as", () => {
    expect(wrongBindings(TOLD)).to.be.empty;
    expect(wrongBindings({ ...TOLD, AWS_REGION: "eu-west-1" }, ["AWS_REGION"])).to.be.empty;
  });

  it("is what it lacks, cannot use, or never reads", () => {
    expect(wrongBindings({})).to.deep.equal(["PUNCTUAL_DATABASE_URL is needed"]);
    expect(wrongBindings({ ...TOLD, PUNCTUAL_DATABASE_URL: "mysql://db" }).join()).to.contain("PUNCTUAL_DATABASE_URL");
    expect(wrongBindings({ ...TOLD, PUNCTUAL_LOG_LEVEL: "info" })).to.deep.equal(["PUNCTUAL_LOG_LEVEL is not read"]);
  });
});
