import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { at, platformIn } from "./support/platform.js";

const one = (graph: Graph, type: string, part?: string) =>
  graph.one(`gcp:compute/${type}`, part && `punctual-production-edge-${part}`);

interface Rule {
  readonly priority: number;
  readonly action: string;
  readonly match: { readonly expr?: { readonly expression: string } };
  readonly rateLimitOptions?: object;
}

describe("The name of an environment", () => {
  it("leads to the API, by HTTPS of today", async () => {
    const graph = await platformIn({ environment: "production" });
    const backend = one(graph, "backendService:BackendService");

    expect(at(one(graph, "regionNetworkEndpointGroup:RegionNetworkEndpointGroup"), "cloudRun.service")).to.equal(
      "punctual-production-api",
    );
    expect(at(one(graph, "managedSslCertificate:ManagedSslCertificate"), "managed.domains")).to.deep.equal([
      "punctual.example.com",
    ]);
    expect(one(graph, "sSLPolicy:SSLPolicy").inputs).to.include({ profile: "MODERN", minTlsVersion: "TLS_1_2" });
    expect(backend.inputs).to.deep.include({
      loadBalancingScheme: "EXTERNAL_MANAGED",
      securityPolicy: "punctual-production-armor-policy-id",
      logConfig: { enable: true, sampleRate: 1 },
    });
    expect(graph.outputs["api"]).to.equal("https://punctual.example.com");
  });

  it("answers by HTTP only where to go", async () => {
    const graph = await platformIn({ environment: "production" });
    const http = one(graph, "globalForwardingRule:GlobalForwardingRule", "http");

    expect(http.inputs).to.include({ portRange: "80", target: "punctual-production-edge-http-id" });
    expect(at(one(graph, "uRLMap:URLMap", "redirect"), "defaultUrlRedirect")).to.deep.equal({
      httpsRedirect: true,
      redirectResponseCode: "MOVED_PERMANENTLY_DEFAULT",
      stripQuery: false,
    });
    expect(one(graph, "globalForwardingRule:GlobalForwardingRule", "https").inputs).to.include({ portRange: "443" });
  });

  it("is in its zone", async () => {
    const record = (await platformIn({ environment: "production" })).one("gcp:dns/recordSet:RecordSet");

    expect(record.inputs).to.deep.include({
      managedZone: "example-com",
      name: "punctual.example.com.",
      type: "A",
      rrdatas: ["10.90.0.0"],
    });
  });

  it("is not needed in dev, where nothing of it is made", async () => {
    const types = Object.keys((await platformIn()).types());

    expect(types.filter((type) => /ssl|urlMap|forwarding|securityPolicy|dns/i.test(type))).to.be.empty;
  });

  it("has no firewall before it in dev", async () => {
    const graph = await platformIn({ raw: { domain: "dev.example.com", zone: "example-com" } });

    expect(graph.one("gcp:compute/backendService:BackendService").inputs).not.to.have.property("securityPolicy");
    expect(graph.all("gcp:compute/securityPolicy:SecurityPolicy")).to.be.empty;
  });

  it("has the console beside it, where there is one", async () => {
    const graph = await platformIn({ environment: "production", own: { console: true } });

    expect(at(one(graph, "uRLMap:URLMap", "urls"), "hostRules")).to.deep.equal([
      { hosts: ["console.punctual.example.com"], pathMatcher: "pages" },
    ]);
    expect(at(one(graph, "managedSslCertificate:ManagedSslCertificate"), "managed.domains")).to.deep.equal([
      "punctual.example.com",
      "console.punctual.example.com",
    ]);
    expect(graph.one("gcp:storage/bucket:Bucket").inputs).to.deep.include({
      uniformBucketLevelAccess: true,
      versioning: { enabled: true },
    });
    expect(graph.outputs["console"]).to.equal("https://console.punctual.example.com");
  });

  it("lets the console ask the API, which has another name", async () => {
    const graph = await platformIn({ environment: "production", own: { console: true } });

    expect(one(graph, "backendBucket:BackendBucket").inputs["customResponseHeaders"]).to.include(
      "Content-Security-Policy: default-src 'self'; connect-src 'self' https://punctual.example.com/; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    );
  });
});

describe("Cloud Armor", () => {
  it("refuses attacks, slows down who asks too often, and lets everything else in", async () => {
    const policy = one(await platformIn({ environment: "production" }), "securityPolicy:SecurityPolicy");
    const rules = at(policy, "rules") as readonly Rule[];
    const [last] = rules.toSorted((a, b) => b.priority - a.priority);

    expect(
      rules.filter(({ action }) => action === "deny(403)").map(({ match }) => match.expr?.expression),
    ).to.include.members(
      ["sqli", "xss"].map((kind) => `evaluatePreconfiguredWaf('${kind}-v33-stable', {'sensitivity': 1})`),
    );
    expect(rules.find(({ action }) => action === "throttle")?.rateLimitOptions).to.deep.equal({
      conformAction: "allow",
      exceedAction: "deny(429)",
      enforceOnKey: "IP",
      rateLimitThreshold: { count: 1_000, intervalSec: 10 },
    });
    expect(last).to.deep.include({ priority: 2_147_483_647, action: "allow" });
    expect(new Set(rules.map(({ priority }) => priority)).size).to.equal(rules.length);
  });

  it("learns what is usual in production alone", async () => {
    const learns = async (environment: "staging" | "production") =>
      at(
        one(await platformIn({ environment }), "securityPolicy:SecurityPolicy"),
        "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable",
      );

    expect(await learns("production")).to.be.true;
    expect(await learns("staging")).to.be.false;
  });
});
