import { wrongBindings } from "@punctual/functions/bindings";
import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { envsIn, environmentOf, platformIn } from "./support/platform.js";

const TWO_STAGE = ["api", "scheduler", "worker", "dead-letters", "migrate"];
const SINGLE_STAGE = ["api", "scheduler", "migrate"];
const jwks = {
  tokens: {
    kind: "jwks",
    issuer: "https://accounts.example.com/",
    audience: "punctual",
    jwksUrl: "https://accounts.example.com/.well-known/jwks.json",
  },
};

const wrongIn = (graph: Graph, workloads: readonly string[]) =>
  workloads.flatMap((one) => wrongBindings("gcp", one, environmentOf(graph, one)).map((wrong) => `${one}: ${wrong}`));

describe("The variables of workloads on Google Cloud", () => {
  for (const environment of ENVIRONMENTS) {
    it(`are what each reads, in ${environment}`, async () => {
      expect(wrongIn(await platformIn({ environment }), TWO_STAGE)).to.be.empty;
    });

    it(`are what each reads in a single stage, in ${environment}`, async () => {
      const graph = await platformIn({ environment, raw: { scheduler: "single-stage", ...jwks } });

      expect(wrongIn(graph, SINGLE_STAGE)).to.be.empty;
      expect(() => envsIn(graph, "worker")).to.throw("does not run");
    });
  }

  it("say to the API that everybody's pages may ask, where dev is told so", async () => {
    const graph = await platformIn({ raw: { corsOrigins: ["*"] } });

    expect(wrongIn(graph, TWO_STAGE)).to.be.empty;
    expect(environmentOf(graph, "api")).to.include({ PUNCTUAL_CORS_ORIGINS: "*" });
  });

  it("say to the worker what its subscription does, and to no other", async () => {
    const graph = await platformIn({ own: { ackDeadlineSeconds: 300 } });

    expect(environmentOf(graph, "worker")).to.deep.equal({
      PUNCTUAL_CALLERS: "punctual-dev-callers@acme-punctual-dev.iam.gserviceaccount.com",
      PUNCTUAL_CALLERS_AUDIENCE: "punctual-dev-callers",
      PUNCTUAL_CALLERS_CHECKED: "true",
      PUNCTUAL_DATABASE_IAM: "true",
      PUNCTUAL_DATABASE_POOL: "2",
      PUNCTUAL_DATABASE_URL:
        "postgres://punctual-dev-worker%40acme-punctual-dev.iam@10.90.0.3/punctual?uselibpqcompat=true&sslmode=require",
      PUNCTUAL_GCP_PROJECT: "acme-punctual-dev",
      PUNCTUAL_KMS_KEYS: "punctual-dev-keys-sealing-id",
      PUNCTUAL_LOG_LEVEL: "debug",
      PUNCTUAL_PUBLIC_URL: "https://punctual-dev-api-111111111111.europe-west1.run.app",
      PUNCTUAL_SECRET_KEYS: "A".repeat(43) + "=",
      PUNCTUAL_TRANSPORT: "pubsub",
      PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS: "300",
      PUNCTUAL_TRANSPORT_DEAD_LETTER_SUBSCRIPTION: "punctual-dev-dead-letters",
      PUNCTUAL_TRANSPORT_DEAD_LETTER_TOPIC: "punctual-dev-dead-letters",
      PUNCTUAL_TRANSPORT_PROJECT: "acme-punctual-dev",
      PUNCTUAL_TRANSPORT_SUBSCRIPTION: "punctual-dev-events",
      PUNCTUAL_TRANSPORT_TOPIC: "punctual-dev-events",
    });
    for (const other of ["scheduler", "dead-letters"]) {
      expect(environmentOf(graph, other)).not.to.have.property("PUNCTUAL_TRANSPORT_ACK_DEADLINE_SECONDS");
    }
    expect(environmentOf(graph, "dead-letters")).to.include({
      PUNCTUAL_TRANSPORT_UNREADABLE_TOPIC: "punctual-dev-unreadable",
    });
  });

  it("take secrets by the number of their version, and the one that was added by hand where that is said", async () => {
    const secretsOf = (graph: Graph) =>
      envsIn(graph, "api").flatMap(({ name, valueSource }) =>
        valueSource === undefined ? [] : [[name, valueSource.secretKeyRef]],
      );

    expect(secretsOf(await platformIn())).to.deep.equal([
      ["PUNCTUAL_AUTH_SECRET", { secret: "punctual-dev-auth", version: "1" }],
      ["PUNCTUAL_SECRET_KEYS", { secret: "punctual-dev-keys", version: "1" }],
    ]);
    expect(secretsOf(await platformIn({ own: { secretVersions: { keys: "7" } } }))[1]).to.deep.equal([
      "PUNCTUAL_SECRET_KEYS",
      { secret: "punctual-dev-keys", version: "7" },
    ]);
  });

  it("name older keys after the one that seals", async () => {
    const older = "projects/acme/locations/eu/keyRings/old/cryptoKeys/first";
    const graph = await platformIn({ own: { olderSealingKeys: [older] } });

    expect(environmentOf(graph, "api")["PUNCTUAL_KMS_KEYS"]).to.match(new RegExp(`-keys-sealing-id,${older}$`));
  });

  it("name the collector to those that have one beside them", async () => {
    const graph = await platformIn({ environment: "production" });
    const told = TWO_STAGE.filter((one) => "PUNCTUAL_OTLP_URL" in environmentOf(graph, one));

    expect(told).to.deep.equal(["api", "scheduler", "worker", "dead-letters"]);
    expect(environmentOf(await platformIn(), "scheduler")).not.to.have.property("PUNCTUAL_OTLP_URL");
  });
});
