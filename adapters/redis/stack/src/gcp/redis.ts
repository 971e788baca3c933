import * as gcp from "@pulumi/gcp";
import {
  all,
  ComponentResource,
  type ComponentResourceOptions,
  interpolate,
  type Output,
  secret,
} from "@pulumi/pulumi";
import type { GcpGround, GcpTransportPart, MakeGcpTransport } from "@punctual/stack-gcp";
import { urlOf } from "../access.js";
import { MEMORY_GB, NO_EVICTION } from "../sizes.js";
import { watchInstance } from "./alerts.js";

/** Where it takes TLS. */
const PORT = 6_378;
const SERVICE = "redis.googleapis.com";
/** Before the firewall that lets nothing out. */
const PRIORITY = 1_000;

/**
 * Memorystore for Redis, in the range of the network where the database is. Not Memorystore for Valkey: there a client logs in
 * by its account, with tokens that last an hour, or not at all, and a URL can say neither.
 */
export class GcpRedis extends ComponentResource implements GcpTransportPart {
  readonly variables: GcpTransportPart["variables"];
  readonly secrets: GcpTransportPart["secrets"];

  constructor(name: string, ground: GcpGround, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Redis", name, {}, opts);
    const instance = this.#instance(name, ground);
    new gcp.compute.Firewall(
      `${name}-out`,
      {
        ...{ network: ground.network.vpc.id, direction: "EGRESS", priority: PRIORITY },
        allows: [{ protocol: "tcp", ports: [String(PORT)] }],
        destinationRanges: [interpolate`${instance.host}/32`],
      },
      { parent: this },
    );
    const url = all([instance.authString, instance.host]).apply(([password, host]) =>
      urlOf({ password, host, port: PORT }),
    );
    // Each instance has a CA of its own; when it gets another one both are there for years.
    const ca = instance.serverCaCerts.apply((certs) => certs.map(({ cert }) => cert.trim()).join("\n"));
    this.variables = { PUNCTUAL_TRANSPORT_REDIS_CA: ca };
    this.secrets = { PUNCTUAL_TRANSPORT_REDIS_URL: this.#kept(name, ground, url) };
    this.registerOutputs({});
  }

  #instance(name: string, { blueprint, own, network, keys, channels }: GcpGround): gcp.redis.Instance {
    const { settings, defaults, names } = blueprint;
    const { precious, standby } = defaults;
    const { project, projectNumber, region } = own;
    // Made before it is given anything: a service that nobody has used has no account yet.
    const agent = new gcp.projects.ServiceIdentity(`${name}-agent`, { project, service: SERVICE }, { parent: this });
    const allowed = new gcp.kms.CryptoKeyIAMMember(
      `${name}-agent`,
      {
        cryptoKeyId: keys.data.key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: `serviceAccount:service-${projectNumber}@cloud-redis.iam.gserviceaccount.com`,
      },
      { parent: this, dependsOn: [agent] },
    );
    const called = names.of("transport");
    const instance = new gcp.redis.Instance(
      `${name}-instance`,
      {
        ...{ name: called, region, displayName: `${names.prefix}: transport`, redisVersion: "REDIS_7_2" },
        ...{ tier: standby ? "STANDARD_HA" : "BASIC", memorySizeGb: MEMORY_GB[settings.environment] },
        ...{ connectMode: "PRIVATE_SERVICE_ACCESS", authorizedNetwork: network.vpc.id },
        ...{ authEnabled: true, transitEncryptionMode: "SERVER_AUTHENTICATION", customerManagedKey: keys.data.key.id },
        redisConfigs: { [NO_EVICTION.name]: NO_EVICTION.value },
        persistenceConfig: precious
          ? { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" }
          : { persistenceMode: "DISABLED" },
        deletionProtection: precious,
      },
      { parent: this, protect: precious, dependsOn: [network.connection, allowed] },
    );
    watchInstance(
      name,
      { prefix: names.prefix, id: `projects/${project}/locations/${region}/instances/${called}`, channels },
      this,
    );
    return instance;
  }

  /** The URL has the password in it. */
  #kept(name: string, { blueprint, own, keys, clients }: GcpGround, url: Output<string>) {
    const { precious } = blueprint.defaults;
    const sealed = { location: own.region, customerManagedEncryption: { kmsKeyName: keys.secrets.key.id } };
    const lasting = { parent: this, protect: precious };
    const kept = new gcp.secretmanager.Secret(
      `${name}-url`,
      {
        secretId: blueprint.names.of("transport-url", 255),
        replication: { userManaged: { replicas: [sealed] } },
        deletionProtection: precious,
      },
      { ...lasting, dependsOn: [keys.secrets.allowed] },
    );
    const { version } = new gcp.secretmanager.SecretVersion(
      `${name}-url`,
      { secret: kept.id, secretData: secret(url) },
      lasting,
    );
    const members = Object.entries(clients).map(
      ([client, email]) =>
        new gcp.secretmanager.SecretIamMember(
          `${name}-url-${client}`,
          {
            secretId: kept.secretId,
            role: "roles/secretmanager.secretAccessor",
            member: interpolate`serviceAccount:${email}`,
          },
          { parent: this },
        ),
    );
    // Whoever starts with it must be let in already.
    const readable = all([version, all(members.map(({ id }) => id))]).apply(([known]) => known);
    return { secret: kept.secretId, version: readable };
  }
}

export const redisOnGcp: MakeGcpTransport = (name, ground, opts) => new GcpRedis(name, ground, opts);
