import { expect } from "chai";
import { wrongBindings } from "../src/bindings.js";

const DATABASE = {
  PUNCTUAL_DATABASE_URL: "postgres://punctual@proxy.example.com/punctual",
  PUNCTUAL_DATABASE_LOGIN: "@punctual/adapter-aws/login",
  PUNCTUAL_SECRET_KEYS: Buffer.alloc(32, 1).toString("base64"),
};
const TOKENS = {
  PUNCTUAL_AUTH: "secret",
  PUNCTUAL_AUTH_SECRET: "s".repeat(32),
  PUNCTUAL_AUTH_ISSUER: "https://issuer.test",
  PUNCTUAL_AUTH_AUDIENCE: "punctual",
};
const API = { ...DATABASE, ...TOKENS, PUNCTUAL_ROLES: "api" };
const WORKER = { ...DATABASE, PUNCTUAL_ROLES: "worker", PUNCTUAL_PUBLIC_URL: "https://punctual.example.com" };

describe("What is wrong with the variables of a container", () => {
  it("is nothing where all are read and none is missing", () => {
    expect(wrongBindings(API)).to.be.empty;
    expect(wrongBindings(WORKER)).to.be.empty;
  });

  it("is what the program itself says of them", () => {
    const { PUNCTUAL_SECRET_KEYS: _, ...keyless } = WORKER;

    expect(wrongBindings(keyless).join()).to.contain("PUNCTUAL_SECRET_KEYS is needed");
    expect(wrongBindings({ ...WORKER, PUNCTUAL_DATABASE_POOL: "none" }).join()).to.contain("PUNCTUAL_DATABASE_POOL: ");
  });

  it("is an API that lets everybody in", () => {
    expect(wrongBindings({ ...DATABASE, PUNCTUAL_ROLES: "api" })).to.deep.equal([
      "PUNCTUAL_AUTH is off, and 0.0.0.0 is reached by others",
    ]);
  });

  it("is what nobody reads, or a worker does not", () => {
    expect(wrongBindings({ ...WORKER, AWS_REGION: "eu-west-1" })).to.deep.equal(["AWS_REGION is not read"]);
    expect(wrongBindings({ ...WORKER, AWS_REGION: "eu-west-1" }, ["AWS_REGION"])).to.be.empty;
    expect(wrongBindings({ ...WORKER, PUNCTUAL_CORS_ORIGINS: "https://a.example.com" })).to.deep.equal([
      "PUNCTUAL_CORS_ORIGINS is not read",
    ]);
  });
});
