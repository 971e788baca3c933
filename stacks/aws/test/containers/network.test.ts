import type { EnvironmentName } from "@punctual/stack-blueprint";
import { expect } from "chai";
import { recorded } from "./support/recorded.js";

describe("The network of containers on AWS", () => {
  const graphOf = recorded();

  it("lets the world in on the load balancer's two ports, and nobody else to the tasks", () => {
    const rules = graphOf("production")
      .all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .map(({ inputs }) => [
        inputs["securityGroupId"],
        inputs["cidrIpv4"] ?? inputs["referencedSecurityGroupId"],
        inputs["fromPort"],
        inputs["toPort"],
      ]);
    expect(rules).to.have.deep.members([
      ["punctual-production-door-door-id", "0.0.0.0/0", 80, 80],
      ["punctual-production-door-door-id", "0.0.0.0/0", 443, 443],
      ["punctual-production-api-group-id", "punctual-production-door-door-id", 7_700, 7_700],
    ]);
  });

  it("lets the load balancer on to the API alone, and tasks out by the network's own groups", () => {
    const rules = graphOf("production")
      .all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
      .map(({ inputs }) => [
        inputs["securityGroupId"],
        inputs["cidrIpv4"] ?? inputs["referencedSecurityGroupId"],
        inputs["toPort"],
      ]);
    expect(rules).to.have.deep.members([
      ["punctual-production-door-door-id", "punctual-production-api-group-id", 7_700],
    ]);
    const out = ["workloads-id", "clients-id", "senders-id"];
    for (const [service, securityGroups] of [
      ["punctual-production-api-service", ["punctual-production-api-group-id", ...out]],
      ["punctual-production-worker-service", out],
    ] as const) {
      const { inputs } = graphOf("production").one("aws:ecs/service:Service", service);
      expect(inputs["networkConfiguration"]).to.deep.include({ securityGroups });
    }
  });

  it("answers by HTTPS and by its name alone", () => {
    const graph = graphOf("production");
    const listener = (name: string) => graph.one("aws:lb/listener:Listener", `punctual-production-door-${name}`).inputs;
    expect(listener("http")["defaultActions"]).to.deep.equal([
      { type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } },
    ]);
    expect(listener("https")).to.include({ port: 443, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06" });
    expect(listener("https")["defaultActions"]).to.deep.equal([
      { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404" } },
    ]);
    expect(graph.outputs["url"]).to.equal("https://punctual.example.com");
    expect(graph.outputs["metrics"]).to.deep.equal({
      namespace: "AWS/ApplicationELB",
      dimensions: { LoadBalancer: "app/punctual-production-door-balancer/1" },
    });
  });

  it("drops what is malformed, writes down who asks, and resists deletion where it is precious", () => {
    const balancerIn = (environment: EnvironmentName) =>
      graphOf(environment).one("aws:lb/loadBalancer:LoadBalancer").inputs;
    expect(balancerIn("production")).to.deep.include({
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "strictest",
      enableDeletionProtection: true,
      subnets: ["public-0-id", "public-1-id"],
    });
    expect(balancerIn("dev")).to.include({ enableDeletionProtection: false });
    const graph = graphOf("production");
    const policy = graph.one("aws:s3/bucketPolicy:BucketPolicy");
    expect(graph.dependsOn(graph.one("aws:lb/loadBalancer:LoadBalancer"), policy)).to.be.true;
    expect(policy.inputs["policy"]).to.include('"aws:SecureTransport":"false"').and.include("logdelivery.");
  });
});
