import { ENVIRONMENTS } from "@punctual/stack-blueprint";
import type { Graph } from "@punctual/stack-testkit";
import { expect } from "chai";
import { reachableInside } from "../src/inside.js";
import { at, platformIn } from "./support/platform.js";

const rules = (graph: Graph) =>
  Object.fromEntries(
    graph
      .all("gcp:compute/firewall:Firewall")
      .map(({ name, inputs }) => [name.replace(/^punctual-\w+-network-/, ""), inputs]),
  );

describe("The network on Google Cloud", () => {
  it("lets nothing out but to the database and to Google", async () => {
    const found = rules(await platformIn());

    expect(Object.keys(found)).to.have.members(["deny", "database", "google"]);
    expect(found["deny"]).to.deep.include({
      direction: "EGRESS",
      denies: [{ protocol: "all" }],
      destinationRanges: ["0.0.0.0/0"],
      priority: 65_000,
    });
    expect(found["database"]).to.deep.include({
      allows: [{ protocol: "tcp", ports: ["5432"] }],
      destinationRanges: ["10.90.0.0/16"],
      priority: 1_000,
    });
    expect(found["google"]).to.deep.include({ destinationRanges: ["199.36.153.8/30"] });
  });

  it("lets whoever sends through to receivers inside, and with `egress: all` to those outside", async () => {
    const raw = { allow: ["10.1.2.3"] };
    const found = rules(await platformIn({ raw, own: { egress: "all" } }));

    expect(found["inside"]).to.deep.include({ destinationRanges: ["10.1.2.3/32"], targetTags: ["sends"] });
    expect(found["receivers"]).to.deep.include({ destinationRanges: ["0.0.0.0/0"], targetTags: ["sends"] });
    expect(rules(await platformIn({ raw }))).not.to.have.property("receivers");
  });

  it("never lets in from the internet", async () => {
    for (const environment of ENVIRONMENTS) {
      const found = (await platformIn({ environment })).all("gcp:compute/firewall:Firewall");
      expect(found.filter(({ inputs }) => inputs["direction"] !== "EGRESS")).to.be.empty;
    }
  });

  it("writes down what goes through it, reaches Google privately, and tells when NAT has no ports", async () => {
    const graph = await platformIn({ environment: "production" });
    const subnet = graph.one("gcp:compute/subnetwork:Subnetwork");

    expect(subnet.inputs).to.include({ privateIpGoogleAccess: true, ipCidrRange: "10.40.0.0/20" });
    expect(at(subnet, "logConfig.flowSampling")).to.equal(0.5);
    expect(graph.one("gcp:compute/routerNat:RouterNat").inputs).to.deep.include({
      natIpAllocateOption: "AUTO_ONLY",
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
  });

  it("goes out from an address that stays, where everything goes through it", async () => {
    const graph = await platformIn({ own: { egress: "all" } });

    expect(graph.all("gcp:compute/address:Address")).to.have.length(1);
    expect(graph.one("gcp:compute/routerNat:RouterNat").inputs).to.include({ natIpAllocateOption: "MANUAL_ONLY" });
  });
});

describe("Receivers on the inside", () => {
  it("are where their addresses say, and anywhere inside where they have names", () => {
    expect(reachableInside([])).to.deep.equal([]);
    expect(reachableInside(["10.1.2.3", "10.8.0.0/16", "fd00::1"])).to.deep.equal(["10.1.2.3/32", "10.8.0.0/16"]);
    expect(reachableInside(["10.1.2.3", "hooks.acme.internal"])).to.deep.equal([
      "10.0.0.0/8",
      "172.16.0.0/12",
      "192.168.0.0/16",
    ]);
  });
});
