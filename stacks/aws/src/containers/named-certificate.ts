import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";

export interface NamedCertificateArgs {
  readonly domain: string;
  readonly zoneId: Input<string>;
}

/** A certificate for a name, which the zone of the name vouches for; AWS renews it. */
export class NamedCertificate extends ComponentResource {
  readonly certificate: aws.acm.Certificate;
  /** Known when it was issued. */
  readonly issuedArn: Output<string>;

  constructor(name: string, { domain, zoneId }: NamedCertificateArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:NamedCertificate", name, {}, opts);
    const parent = { parent: this };
    this.certificate = new aws.acm.Certificate(
      `${name}-certificate`,
      { domainName: domain, validationMethod: "DNS" },
      parent,
    );
    const asked = this.certificate.domainValidationOptions.apply(([one]) => one);
    const proof = new aws.route53.Record(
      `${name}-proof`,
      {
        zoneId,
        name: asked.apply((one) => one?.resourceRecordName ?? ""),
        type: "CNAME",
        records: [asked.apply((one) => one?.resourceRecordValue ?? "")],
        ttl: 300,
        allowOverwrite: true,
      },
      parent,
    );
    const issued = new aws.acm.CertificateValidation(
      `${name}-issued`,
      { certificateArn: this.certificate.arn, validationRecordFqdns: [proof.fqdn] },
      parent,
    );
    this.issuedArn = issued.certificateArn;
    this.registerOutputs({ issuedArn: this.issuedArn });
  }
}
