import { expect } from "chai";
import { transportBindings } from "../src/index.js";

const settings = { transport: "@acme/queue" };

describe("What is told of a transport", () => {
  it("is the name of its package, and its own variables", () => {
    const part = { variables: { PUNCTUAL_TRANSPORT_QUEUE: "q" }, secrets: { PUNCTUAL_TRANSPORT_URL: "arn" } };

    expect(transportBindings(settings, part)).to.deep.equal({
      PUNCTUAL_TRANSPORT: "@acme/queue",
      PUNCTUAL_TRANSPORT_QUEUE: "q",
    });
  });

  it("is nothing of the platform's, plain or secret", () => {
    const [variables, secrets] = [{ PUNCTUAL_ROLES: "api" }, { PUNCTUAL_SECRET_KEYS: "arn" }];

    expect(() => transportBindings(settings, { variables, secrets: {} })).to.throw("PUNCTUAL_ROLES");
    expect(() => transportBindings(settings, { variables: {}, secrets })).to.throw("PUNCTUAL_SECRET_KEYS");
  });
});
