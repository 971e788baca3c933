import * as aws from "@pulumi/aws";
import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";

export interface ProvenCertificateArgs {
  readonly domain: string;
  readonly zoneId: string;
}

interface Proof {
  readonly resourceRecordName: string;
  readonly resourceRecordType: string;
  readonly resourceRecordValue: string;
}

/** A certificate that is renewed by itself, as long as the record that proves the name stays. */
export class ProvenCertificate extends ComponentResource {
  readonly certificate: aws.acm.Certificate;
  /** Known once it can be used. */
  readonly arn: Output<string>;

  constructor(name: string, { domain, zoneId }: ProvenCertificateArgs, opts?: ComponentResourceOptions) {
    super("punctual:aws:ProvenCertificate", name, {}, opts);
    const mine = { parent: this };
    const certificate = new aws.acm.Certificate(
      `${name}-certificate`,
      { domainName: domain, validationMethod: "DNS" },
      mine,
    );
    // One name, one proof.
    const proof = (part: keyof Proof) =>
      certificate.domainValidationOptions.apply(([first]: readonly Proof[]) => first?.[part] ?? "");
    const record = new aws.route53.Record(
      `${name}-proof`,
      {
        zoneId,
        name: proof("resourceRecordName"),
        type: proof("resourceRecordType"),
        records: [proof("resourceRecordValue")],
        ttl: 300,
      },
      mine,
    );
    const validation = new aws.acm.CertificateValidation(
      `${name}-validation`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      mine,
    );
    this.certificate = certificate;
    this.arn = validation.certificateArn;
    this.registerOutputs({ arn: this.arn });
  }
}
