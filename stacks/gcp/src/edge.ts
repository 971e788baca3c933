import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { GcpArmor } from "./armor.js";
import type { GcpConsole } from "./console.js";
import type { Plan } from "./parts.js";

const RECORD_SECONDS = 300;
const PAGES = "pages";

export interface EdgeArgs {
  readonly domain: string;
  /** The zone of Cloud DNS that the name is in. */
  readonly zone: string;
  readonly api: gcp.cloudrunv2.Service;
  /** Where nothing filters there is none. */
  readonly armor: GcpArmor | undefined;
  readonly console: GcpConsole | undefined;
}

/** The name that an environment has, and what stands behind it: HTTPS, and the API; HTTP only says where that is. */
export class GcpEdge extends ComponentResource {
  readonly #name: string;
  readonly #args: EdgeArgs;

  constructor(name: string, plan: Plan, args: EdgeArgs, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Edge", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const within = { parent: this };
    const address = new gcp.compute.GlobalAddress(`${name}-address`, { addressType: "EXTERNAL" }, within);
    this.#listen("https", "443", address, this.#secured(plan));
    this.#listen("http", "80", address, this.#redirecting());
    for (const domain of this.#domains()) this.#record(domain, address);
    this.registerOutputs({});
  }

  #domains(): readonly string[] {
    const { domain, console } = this.#args;
    return console === undefined ? [domain] : [domain, consoleDomainOf(domain)];
  }

  #secured(plan: Plan): gcp.compute.TargetHttpsProxy {
    const within = { parent: this };
    const certificate = new gcp.compute.ManagedSslCertificate(
      `${this.#name}-certificate`,
      { managed: { domains: [...this.#domains()] } },
      within,
    );
    const policy = new gcp.compute.SSLPolicy(
      `${this.#name}-tls`,
      { profile: "MODERN", minTlsVersion: "TLS_1_2" },
      within,
    );
    return new gcp.compute.TargetHttpsProxy(
      `${this.#name}-https`,
      { urlMap: this.#urls(plan).id, sslCertificates: [certificate.id], sslPolicy: policy.id },
      within,
    );
  }

  #urls(plan: Plan): gcp.compute.URLMap {
    const { domain, console } = this.#args;
    const defaultService = this.#backend(plan).id;
    if (console === undefined) {
      return new gcp.compute.URLMap(`${this.#name}-urls`, { defaultService }, { parent: this });
    }
    return new gcp.compute.URLMap(
      `${this.#name}-urls`,
      {
        defaultService,
        hostRules: [{ hosts: [consoleDomainOf(domain)], pathMatcher: PAGES }],
        pathMatchers: [{ name: PAGES, defaultService: console.backend.id }],
      },
      { parent: this },
    );
  }

  #backend({ own }: Plan): gcp.compute.BackendService {
    const { api, armor } = this.#args;
    const group = new gcp.compute.RegionNetworkEndpointGroup(
      `${this.#name}-api`,
      { region: own.region, networkEndpointType: "SERVERLESS", cloudRun: { service: api.name } },
      { parent: this },
    );
    return new gcp.compute.BackendService(
      `${this.#name}-api`,
      {
        protocol: "HTTPS",
        loadBalancingScheme: "EXTERNAL_MANAGED",
        backends: [{ group: group.id }],
        ...(armor !== undefined && { securityPolicy: armor.policy.id }),
        logConfig: { enable: true, sampleRate: 1 },
      },
      { parent: this },
    );
  }

  #redirecting(): gcp.compute.TargetHttpProxy {
    const urls = new gcp.compute.URLMap(
      `${this.#name}-redirect`,
      {
        defaultUrlRedirect: {
          httpsRedirect: true,
          redirectResponseCode: "MOVED_PERMANENTLY_DEFAULT",
          stripQuery: false,
        },
      },
      { parent: this },
    );
    return new gcp.compute.TargetHttpProxy(`${this.#name}-http`, { urlMap: urls.id }, { parent: this });
  }

  #listen(
    part: string,
    portRange: string,
    address: gcp.compute.GlobalAddress,
    target: gcp.compute.TargetHttpProxy | gcp.compute.TargetHttpsProxy,
  ): void {
    new gcp.compute.GlobalForwardingRule(
      `${this.#name}-${part}`,
      {
        loadBalancingScheme: "EXTERNAL_MANAGED",
        ipProtocol: "TCP",
        portRange,
        ipAddress: address.id,
        target: target.id,
      },
      { parent: this },
    );
  }

  #record(domain: string, address: gcp.compute.GlobalAddress): void {
    new gcp.dns.RecordSet(
      `${this.#name}-${domain}`,
      {
        managedZone: this.#args.zone,
        name: `${domain}.`,
        type: "A",
        ttl: RECORD_SECONDS,
        rrdatas: [address.address],
      },
      { parent: this },
    );
  }
}

export function consoleDomainOf(domain: string): string {
  return `console.${domain}`;
}
