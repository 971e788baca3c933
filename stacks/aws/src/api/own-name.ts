import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, output, type Output } from "@pulumi/pulumi";
import { ProvenCertificate } from "../edge/proven-certificate.js";

export interface OwnNameArgs {
  readonly domain: string;
  readonly zoneId: string;
  readonly rest: aws.apigateway.RestApi;
  readonly stage: aws.apigateway.Stage;
}

/** The API under a name of its own. */
export class OwnName extends ComponentResource {
  readonly url: Output<string>;
  readonly certificate: aws.acm.Certificate;

  constructor(name: string, { domain, zoneId, rest, stage }: OwnNameArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:OwnName", name, {}, opts);
    const mine = { parent: this };
    const { certificate, arn } = new ProvenCertificate(`${name}-certificate`, { domain, zoneId }, mine);
    const entry = new aws.apigateway.DomainName(
      `${name}-domain`,
      {
        domainName: domain,
        regionalCertificateArn: arn,
        endpointConfiguration: { types: "REGIONAL" },
        securityPolicy: "TLS_1_2",
      },
      mine,
    );
    const mapping = new aws.apigateway.BasePathMapping(
      `${name}-mapping`,
      { domainName: entry.domainName, restApi: rest.id, stageName: stage.stageName },
      mine,
    );
    new aws.route53.Record(
      `${name}-record`,
      {
        zoneId,
        name: domain,
        type: "A",
        aliases: [{ name: entry.regionalDomainName, zoneId: entry.regionalZoneId, evaluateTargetHealth: false }],
      },
      // Whoever comes by the name should find the API there.
      { ...mine, dependsOn: [mapping] },
    );
    this.certificate = certificate;
    this.url = output(`https://${domain}`);
    this.registerOutputs({ url: this.url });
  }
}
