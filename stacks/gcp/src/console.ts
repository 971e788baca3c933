import * as gcp from "@pulumi/gcp";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Plan } from "./parts.js";

const KEPT_VERSIONS = 10;

/** What a browser is told of every page: it runs what came from here, and asks here and the API alone, which has another name. */
const headersFor = (domain: string) => [
  "Strict-Transport-Security: max-age=31536000; includeSubDomains",
  `Content-Security-Policy: default-src 'self'; connect-src 'self' https://${domain}/; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
  "X-Content-Type-Options: nosniff",
  "Referrer-Policy: no-referrer",
];

/** Where the pages of a console are put. What they show they ask the API for, with a token. */
export class GcpConsole extends ComponentResource {
  readonly backend: gcp.compute.BackendBucket;

  constructor(name: string, { own, blueprint }: Plan, domain: string, opts?: ComponentResourceOptions) {
    super("punctual:gcp:Console", name, {}, opts);
    const bucket = new gcp.storage.Bucket(
      `${name}-pages`,
      {
        location: own.region,
        uniformBucketLevelAccess: true,
        versioning: { enabled: true },
        lifecycleRules: [
          { action: { type: "Delete" }, condition: { numNewerVersions: KEPT_VERSIONS, withState: "ARCHIVED" } },
          { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 1 } },
        ],
        // A page that is not there is one of the program's own.
        website: { mainPageSuffix: "index.html", notFoundPage: "index.html" },
      },
      { parent: this, protect: blueprint.defaults.precious },
    );
    // A load balancer reads a bucket as anybody would. Whoever knows no page's name is shown none.
    new gcp.storage.BucketIAMMember(
      `${name}-readers`,
      { bucket: bucket.name, role: "roles/storage.legacyObjectReader", member: "allUsers" },
      { parent: this },
    );
    this.backend = new gcp.compute.BackendBucket(
      `${name}-backend`,
      {
        bucketName: bucket.name,
        enableCdn: true,
        compressionMode: "AUTOMATIC",
        cdnPolicy: { cacheMode: "USE_ORIGIN_HEADERS", requestCoalescing: true },
        customResponseHeaders: headersFor(domain),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
