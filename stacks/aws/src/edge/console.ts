import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, interpolate, type Output } from "@pulumi/pulumi";
import type { Plan } from "../parts.js";
import { PrivateBucket } from "./bucket.js";
import { consoleHeaders } from "./console-headers.js";
import { ConsoleLog } from "./console-log.js";
import { AwsFirewall } from "./firewall.js";
import { ProvenCertificate } from "./proven-certificate.js";
import { REWRITE } from "./rewrite.js";

export interface ConsoleArgs {
  readonly plan: Plan;
  /** Where the API is: its pages may ask it, and nobody else. */
  readonly api: Input<string>;
  /** For us-east-1, where CloudFront has its certificates, firewalls and logs, whatever the region of the rest. */
  readonly global: aws.Provider;
}

const ORIGIN = "pages";
/** Policies that CloudFront has by itself. */
const CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/** A place for the pages of a console: a bucket, and CloudFront before it. Putting them there is for whoever releases them. */
export class AwsConsole extends ComponentResource {
  readonly url: Output<string>;
  /** Where pages are put: files with a hash in their names under `assets/`, the page as `index.html`. */
  readonly bucket: Output<string>;
  readonly distribution: aws.cloudfront.Distribution;

  constructor(name: string, args: ConsoleArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:Console", name, {}, opts);
    const mine = { parent: this };
    const { plan, api, global } = args;
    const { settings, defaults } = plan.blueprint;
    const domain = settings.domain === undefined ? undefined : `console.${settings.domain}`;
    const pages = new PrivateBucket(`${name}-pages`, { precious: defaults.precious }, mine);
    const certificate =
      domain === undefined || settings.zone === undefined
        ? undefined
        : new ProvenCertificate(
            `${name}-certificate`,
            { domain, zoneId: settings.zone },
            { ...mine, provider: global },
          );
    const firewall = defaults.firewall
      ? new AwsFirewall(`${name}-firewall`, { plan, before: "a distribution" }, { ...mine, provider: global })
      : undefined;
    const distribution = new aws.cloudfront.Distribution(
      `${name}-distribution`,
      {
        enabled: true,
        isIpv6Enabled: true,
        httpVersion: "http2and3",
        priceClass: "PriceClass_100",
        defaultRootObject: "index.html",
        origins: [this.#origin(name, pages)],
        ...this.#behaviours(name, api),
        // A file that is not there must not look like a page: a browser would run it as a script.
        customErrorResponses: [403, 404].map((errorCode) => ({
          errorCode,
          responseCode: 404,
          responsePagePath: "/index.html",
          errorCachingMinTtl: 10,
        })),
        restrictions: { geoRestriction: { restrictionType: "none" } },
        ...(firewall !== undefined && { webAclId: firewall.arn }),
        ...(domain !== undefined && certificate !== undefined
          ? {
              aliases: [domain],
              viewerCertificate: {
                acmCertificateArn: certificate.arn,
                minimumProtocolVersion: "TLSv1.2_2021",
                sslSupportMethod: "sni-only",
              },
            }
          : { viewerCertificate: { cloudfrontDefaultCertificate: true } }),
      },
      mine,
    );
    pages.allow({
      Sid: "PagesForCloudFront",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: interpolate`${pages.arn}/*`,
      Condition: { StringEquals: { "AWS:SourceArn": distribution.arn } },
    });
    if (domain !== undefined && settings.zone !== undefined) {
      for (const type of ["A", "AAAA"]) {
        new aws.route53.Record(
          `${name}-record-${type.toLowerCase()}`,
          {
            zoneId: settings.zone,
            name: domain,
            type,
            aliases: [
              { name: distribution.domainName, zoneId: distribution.hostedZoneId, evaluateTargetHealth: false },
            ],
          },
          mine,
        );
      }
    }
    new ConsoleLog(`${name}-log`, { plan, distribution, global }, mine);
    this.distribution = distribution;
    this.bucket = pages.bucket.id;
    this.url = domain === undefined ? interpolate`https://${distribution.domainName}` : interpolate`https://${domain}`;
    this.registerOutputs({ url: this.url, bucket: this.bucket });
  }

  #origin(name: string, { bucket }: PrivateBucket): aws.types.input.cloudfront.DistributionOrigin {
    const access = new aws.cloudfront.OriginAccessControl(
      `${name}-access`,
      { originAccessControlOriginType: "s3", signingBehavior: "always", signingProtocol: "sigv4" },
      { parent: this },
    );
    return { originId: ORIGIN, domainName: bucket.bucketRegionalDomainName, originAccessControlId: access.id };
  }

  /** Files are kept, as their names change with them; the page is asked for anew each time. */
  #behaviours(
    name: string,
    api: Input<string>,
  ): Pick<aws.cloudfront.DistributionArgs, "defaultCacheBehavior" | "orderedCacheBehaviors"> {
    const mine = { parent: this };
    const rewrite = new aws.cloudfront.Function(
      `${name}-rewrite`,
      { runtime: "cloudfront-js-2.0", code: REWRITE, publish: true },
      mine,
    );
    const headers = new aws.cloudfront.ResponseHeadersPolicy(
      `${name}-headers`,
      { securityHeadersConfig: consoleHeaders(api) },
      mine,
    );
    const common = {
      targetOriginId: ORIGIN,
      viewerProtocolPolicy: "redirect-to-https",
      allowedMethods: ["GET", "HEAD"],
      cachedMethods: ["GET", "HEAD"],
      compress: true,
      responseHeadersPolicyId: headers.id,
    };
    return {
      defaultCacheBehavior: {
        ...common,
        cachePolicyId: NOT_CACHED,
        functionAssociations: [{ eventType: "viewer-request", functionArn: rewrite.arn }],
      },
      orderedCacheBehaviors: [{ ...common, pathPattern: "/assets/*", cachePolicyId: CACHED }],
    };
  }
}
