import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions, interpolate, type Output } from "@pulumi/pulumi";
import { GCP_DEFAULTS } from "./defaults.js";
import { reachableInside } from "./inside.js";
import type { Plan } from "./parts.js";

/** Whoever bears it may call receivers. */
export const SENDS = "sends";

/** Where Google's own services answer whoever has no address of the internet. */
const GOOGLE = "199.36.153.8/30";
const POSTGRES = "5432";
const ANYWHERE = "0.0.0.0/0";
const LAST = 65_000;

/** A network of our own: instances have addresses in it, the database is beside it, and what goes out is named. */
export class GcpNetwork extends ComponentResource {
  readonly vpc: gcp.compute.Network;
  readonly subnet: gcp.compute.Subnetwork;
  /** The database's private address comes of it. */
  readonly connection: gcp.servicenetworking.Connection;
  readonly nat: gcp.compute.RouterNat;
  readonly #name: string;
  readonly #plan: Plan;

  constructor(name: string, plan: Plan, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Network", name, {}, opts);
    this.#name = name;
    this.#plan = plan;
    const { own, blueprint } = plan;
    const within = { parent: this };
    this.vpc = new gcp.compute.Network(
      `${name}-vpc`,
      { autoCreateSubnetworks: false, routingMode: "REGIONAL" },
      within,
    );
    this.subnet = new gcp.compute.Subnetwork(
      `${name}-subnet`,
      {
        network: this.vpc.id,
        region: own.region,
        ipCidrRange: own.subnet,
        privateIpGoogleAccess: true,
        logConfig: {
          aggregationInterval: "INTERVAL_10_MIN",
          flowSampling: GCP_DEFAULTS[blueprint.settings.environment].flowSampling,
          metadata: "INCLUDE_ALL_METADATA",
        },
      },
      within,
    );
    const range = new gcp.compute.GlobalAddress(
      `${name}-services`,
      { purpose: "VPC_PEERING", addressType: "INTERNAL", prefixLength: 16, network: this.vpc.id },
      within,
    );
    this.connection = new gcp.servicenetworking.Connection(
      `${name}-connection`,
      {
        network: this.vpc.id,
        service: "servicenetworking.googleapis.com",
        reservedPeeringRanges: [range.name],
        // Google keeps it for days after the last database has gone, and deleting it would wait for that.
        deletionPolicy: "ABANDON",
      },
      within,
    );
    this.nat = this.#natOf();
    this.#letOut(interpolate`${range.address}/${range.prefixLength}`);
    this.registerOutputs({});
  }

  /** What goes to the internet through the network goes from here; with `egress: all` from an address that receivers may know. */
  #natOf(): gcp.compute.RouterNat {
    const { region, egress } = this.#plan.own;
    const within = { parent: this };
    const router = new gcp.compute.Router(`${this.#name}-router`, { network: this.vpc.id, region }, within);
    const addresses =
      egress === "all"
        ? [new gcp.compute.Address(`${this.#name}-out`, { region, addressType: "EXTERNAL" }, within)]
        : [];
    return new gcp.compute.RouterNat(
      `${this.#name}-nat`,
      {
        router: router.name,
        region,
        natIpAllocateOption: addresses.length > 0 ? "MANUAL_ONLY" : "AUTO_ONLY",
        natIps: addresses.map((one) => one.selfLink),
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetworks: [{ name: this.subnet.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      },
      within,
    );
  }

  /** Nothing leaves but what is named here. */
  #letOut(database: Output<string>): void {
    const { own, blueprint } = this.#plan;
    const inside = reachableInside(blueprint.settings.allow);
    this.#rule("deny", { denies: [{ protocol: "all" }], destinationRanges: [ANYWHERE], priority: LAST });
    this.#rule("database", { allows: [{ protocol: "tcp", ports: [POSTGRES] }], destinationRanges: [database] });
    this.#rule("google", { allows: [{ protocol: "tcp", ports: ["443"] }], destinationRanges: [GOOGLE] });
    if (inside.length > 0) {
      this.#rule("inside", { allows: [{ protocol: "tcp" }], destinationRanges: [...inside], targetTags: [SENDS] });
    }
    if (own.egress === "all") {
      const web = [{ protocol: "tcp", ports: ["80", "443"] }];
      this.#rule("receivers", { allows: web, destinationRanges: [ANYWHERE], targetTags: [SENDS] });
    }
  }

  #rule(part: string, rule: Omit<gcp.compute.FirewallArgs, "network" | "direction">): void {
    new gcp.compute.Firewall(
      `${this.#name}-${part}`,
      { network: this.vpc.id, direction: "EGRESS", priority: 1_000, ...rule },
      { parent: this },
    );
  }
}
