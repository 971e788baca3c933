import type { Asked } from "../world.js";
import { digitsOf, type Fields, hexOf, physicalNameOf, textOf, uuidOf } from "./made-up.js";

export interface GcpPlace {
  readonly project: string;
  readonly projectNumber: string;
  readonly region: string;
}

type Outputs = (asked: Asked, place: GcpPlace) => Fields;

const projectOf = (asked: Asked, { project }: GcpPlace): string => textOf(asked, "project", project);

/** `projects/acme/topics/events`; what is in a region, `projects/acme/locations/europe-west1/services/api`. */
const within =
  (folder: string, { names = [], located = false, more = () => ({}) }: Within = {}): Outputs =>
  (asked, place) => {
    const name = physicalNameOf(asked, ...names);
    const where = located ? `/locations/${textOf(asked, "location", textOf(asked, "region", place.region))}` : "";
    const project = projectOf(asked, place);
    const id = `projects/${project}${where}/${folder}/${name}`;
    return { id, name, project, ...more({ asked, place, id, name }) };
  };

interface Within {
  /** Other inputs that may hold its name. */
  readonly names?: readonly string[];
  readonly located?: boolean;
  readonly more?: (made: {
    readonly asked: Asked;
    readonly place: GcpPlace;
    readonly id: string;
    readonly name: string;
  }) => Fields;
}

const located = (folder: string, more?: Within["more"]): Outputs =>
  within(folder, { located: true, ...(more !== undefined && { more }) });

/** What Compute Engine makes names itself by a link, too. */
const computed =
  (folder: string, where: "global" | "regional", more: (asked: Asked) => Fields = () => ({})): Outputs =>
  (asked, place) => {
    const name = physicalNameOf(asked);
    const scope = where === "global" ? "global" : `regions/${textOf(asked, "region", place.region)}`;
    const id = `projects/${projectOf(asked, place)}/${scope}/${folder}/${name}`;
    return { id, name, selfLink: `https://www.googleapis.com/compute/v1/${id}`, ...more(asked) };
  };

/** Google gives it a number for a name. */
const counted =
  (folder: string, more: (id: string, asked: Asked) => Fields = () => ({})): Outputs =>
  (asked, place) => {
    const id = `projects/${projectOf(asked, place)}/${folder}/${digitsOf(asked, 18)}`;
    return { id, name: id, ...more(id, asked) };
  };

const serves: Within["more"] = ({ name, asked }) => {
  const uri = `https://${name}-abc123-ew.a.run.app`;
  return { uri, urls: [uri], uid: uuidOf(asked), latestReadyRevision: `${name}-00001-abc`, generation: "1" };
};

/** Google's own accounts of a project, by the service that they are of. */
const agent: Outputs = (asked, { projectNumber }) => {
  const service = textOf(asked, "service", "pubsub.googleapis.com").split(".")[0] ?? "pubsub";
  const email = `service-${projectNumber}@gcp-sa-${service}.iam.gserviceaccount.com`;
  return { id: `projects/${projectNumber}/services/${service}`, email, member: `serviceAccount:${email}` };
};

export const GCP_OUTPUTS: Readonly<Record<string, Outputs>> = {
  "gcp:serviceaccount/account:Account": (asked, place) => {
    const project = projectOf(asked, place);
    const email = `${textOf(asked, "accountId", asked.name)}@${project}.iam.gserviceaccount.com`;
    const id = `projects/${project}/serviceAccounts/${email}`;
    return { id, name: id, email, member: `serviceAccount:${email}`, uniqueId: digitsOf(asked, 21) };
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": agent,
  "gcp:projects/iAMCustomRole:IAMCustomRole": within("roles", { names: ["roleId"] }),
  "gcp:projects/service:Service": (asked, place) => ({
    id: `${projectOf(asked, place)}/${textOf(asked, "service", asked.name)}`,
  }),

  "gcp:cloudrunv2/service:Service": located("services", serves),
  "gcp:cloudrunv2/job:Job": located("jobs", ({ asked }) => ({ uid: uuidOf(asked) })),
  "gcp:cloudrunv2/workerPool:WorkerPool": located("workerPools", ({ asked }) => ({ uid: uuidOf(asked) })),
  "gcp:cloudscheduler/job:Job": located("jobs", () => ({ state: "ENABLED" })),
  "gcp:cloudtasks/queue:Queue": located("queues"),
  "gcp:pubsub/topic:Topic": within("topics"),
  "gcp:pubsub/subscription:Subscription": within("subscriptions"),

  "gcp:secretmanager/secret:Secret": within("secrets", {
    names: ["secretId"],
    more: ({ name, place }) => ({ name: `projects/${place.projectNumber}/secrets/${name}`, secretId: name }),
  }),
  "gcp:secretmanager/secretVersion:SecretVersion": (asked) => {
    const id = `${textOf(asked, "secret", `projects/p/secrets/${asked.name}`)}/versions/1`;
    return { id, name: id, version: "1" };
  },
  "gcp:kms/keyRing:KeyRing": located("keyRings"),
  "gcp:kms/cryptoKey:CryptoKey": (asked) => ({
    id: `${textOf(asked, "keyRing", "keyRings")}/cryptoKeys/${physicalNameOf(asked)}`,
    name: physicalNameOf(asked),
  }),

  "gcp:sql/databaseInstance:DatabaseInstance": (asked, place) => {
    const [name, project] = [physicalNameOf(asked), projectOf(asked, place)];
    const region = textOf(asked, "region", place.region);
    return {
      id: name,
      name,
      connectionName: `${project}:${region}:${name}`,
      selfLink: `https://sqladmin.googleapis.com/sql/v1beta4/projects/${project}/instances/${name}`,
      firstIpAddress: "10.60.0.3",
      privateIpAddress: "10.60.0.3",
      publicIpAddress: "",
      serviceAccountEmailAddress: `p${place.projectNumber}-${hexOf(asked, 6)}@gcp-sa-cloud-sql.iam.gserviceaccount.com`,
      serverCaCerts: [
        {
          cert: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----",
          commonName: "C=US,O=Google",
          sha1Fingerprint: hexOf(asked, 40),
        },
      ],
    };
  },
  "gcp:redis/instance:Instance": (asked, place) => {
    const name = physicalNameOf(asked);
    const region = textOf(asked, "region", place.region);
    return {
      id: `projects/${projectOf(asked, place)}/locations/${region}/instances/${name}`,
      name,
      host: "10.60.0.4",
      port: asked.inputs["transitEncryptionMode"] === "SERVER_AUTHENTICATION" ? 6378 : 6379,
      authString: uuidOf(asked),
      serverCaCerts: [
        {
          cert: "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----",
          serialNumber: "1",
          sha1Fingerprint: hexOf(asked, 40),
        },
      ],
    };
  },
  "gcp:sql/database:Database": (asked, place) => {
    const name = physicalNameOf(asked);
    return {
      id: `projects/${projectOf(asked, place)}/instances/${textOf(asked, "instance", "i")}/databases/${name}`,
      name,
    };
  },
  "gcp:sql/user:User": (asked) => {
    const name = physicalNameOf(asked);
    return { id: `${name}//${textOf(asked, "instance", "i")}`, name };
  },

  "gcp:compute/network:Network": computed("networks", "global", (asked) => ({ numericId: digitsOf(asked, 19) })),
  "gcp:compute/subnetwork:Subnetwork": computed("subnetworks", "regional", () => ({ gatewayAddress: "10.0.0.1" })),
  "gcp:compute/router:Router": computed("routers", "regional"),
  "gcp:compute/routerNat:RouterNat": (asked, place) => {
    const name = physicalNameOf(asked);
    return { id: `${projectOf(asked, place)}/${place.region}/${textOf(asked, "router", "router")}/${name}`, name };
  },
  "gcp:compute/firewall:Firewall": computed("firewalls", "global"),
  "gcp:compute/address:Address": computed("addresses", "regional", (asked) => ({ address: addressOf(asked) })),
  "gcp:compute/globalAddress:GlobalAddress": computed("addresses", "global", (asked) => ({
    address: textOf(asked, "address", textOf(asked, "purpose", "") === "VPC_PEERING" ? "10.60.0.0" : addressOf(asked)),
  })),
  "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": computed("networkEndpointGroups", "regional"),
  "gcp:compute/backendService:BackendService": computed("backendServices", "global", (asked) => ({
    generatedId: Number(digitsOf(asked, 12)),
  })),
  "gcp:compute/backendBucket:BackendBucket": computed("backendBuckets", "global"),
  "gcp:compute/uRLMap:URLMap": computed("urlMaps", "global"),
  "gcp:compute/targetHttpsProxy:TargetHttpsProxy": computed("targetHttpsProxies", "global"),
  "gcp:compute/targetHttpProxy:TargetHttpProxy": computed("targetHttpProxies", "global"),
  "gcp:compute/sSLPolicy:SSLPolicy": computed("sslPolicies", "global"),
  "gcp:compute/managedSslCertificate:ManagedSslCertificate": computed("sslCertificates", "global"),
  "gcp:compute/globalForwardingRule:GlobalForwardingRule": computed("forwardingRules", "global"),
  "gcp:compute/securityPolicy:SecurityPolicy": computed("securityPolicies", "global"),
  "gcp:servicenetworking/connection:Connection": (asked) => ({
    id: `${textOf(asked, "network", "network")}:${textOf(asked, "service", "servicenetworking.googleapis.com")}`,
    peering: "servicenetworking-googleapis-com",
  }),

  "gcp:storage/bucket:Bucket": (asked) => {
    const name = physicalNameOf(asked);
    return { id: name, name, url: `gs://${name}`, selfLink: `https://www.googleapis.com/storage/v1/b/${name}` };
  },
  "gcp:artifactregistry/repository:Repository": (asked, place) => {
    const [name, project] = [physicalNameOf(asked, "repositoryId"), projectOf(asked, place)];
    const where = textOf(asked, "location", place.region);
    return {
      id: `projects/${project}/locations/${where}/repositories/${name}`,
      name,
      registryUri: `${where}-docker.pkg.dev/${project}/${name}`,
    };
  },
  "gcp:dns/managedZone:ManagedZone": within("managedZones", {
    more: () => ({ nameServers: ["a", "b", "c", "d"].map((letter) => `ns-cloud-${letter}1.googledomains.com.`) }),
  }),
  "gcp:certificatemanager/certificate:Certificate": located("certificates"),
  "gcp:certificatemanager/certificateMap:CertificateMap": located("certificateMaps"),
  "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": located("dnsAuthorizations", ({ asked }) => ({
    dnsResourceRecords: [
      {
        name: `_acme-challenge.${textOf(asked, "domain", "example.com")}.`,
        type: "CNAME",
        data: `${hexOf(asked, 16)}.authorize.certificatemanager.goog.`,
      },
    ],
  })),

  "gcp:monitoring/notificationChannel:NotificationChannel": counted("notificationChannels"),
  "gcp:monitoring/alertPolicy:AlertPolicy": counted("alertPolicies"),
  "gcp:monitoring/dashboard:Dashboard": (asked, place) => ({
    id: `projects/${place.projectNumber}/dashboards/${uuidOf(asked)}`,
  }),
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": counted("uptimeCheckConfigs", (id) => ({
    uptimeCheckId: id.split("/").at(-1),
  })),
  "gcp:monitoring/customService:CustomService": within("services", { names: ["serviceId"] }),
  "gcp:logging/metric:Metric": (asked) => ({ id: physicalNameOf(asked), name: physicalNameOf(asked) }),
  "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": (asked, { projectNumber }) => {
    const name = `projects/${projectNumber}/locations/global/workloadIdentityPools/${textOf(asked, "workloadIdentityPoolId", asked.name)}`;
    return { id: name, name, state: "ACTIVE" };
  },
  "gcp:billing/budget:Budget": (asked) => {
    const id = `billingAccounts/${textOf(asked, "billingAccount", "000000-000000-000000")}/budgets/${uuidOf(asked)}`;
    return { id, name: id };
  },
};

/** Out of a range that is for documentation. */
function addressOf(asked: Asked): string {
  return `203.0.113.${String(Number.parseInt(hexOf(asked, 2), 16))}`;
}
