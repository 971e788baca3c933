import * as aws from "@pulumi/aws";
import { interpolate } from "@pulumi/pulumi";
import { expect } from "chai";
import { AwsConsole } from "../../src/edge/console.js";
import { REWRITE } from "../../src/edge/rewrite.js";
import { json, planFor, planned, remembered, REGION } from "../support/parts.js";

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";

const made = remembered(async (environment: "dev" | "production") => {
  const plan = planFor(environment);
  return planned(() => {
    const here = new aws.Provider("here", { region: REGION });
    const global = new aws.Provider("global", { region: "us-east-1" });
    const topic = new aws.sns.Topic("anything", {}, { provider: here });
    const console = new AwsConsole(
      "punctual-console",
      { plan, api: interpolate`https://api.example.com/${topic.arn}`, global },
      { provider: here },
    );
    return { url: console.url };
  });
});

type Behaviour = aws.types.output.cloudfront.DistributionDefaultCacheBehavior;

describe("The console", () => {
  it("registers the same where nothing is known yet", async () => {
    for (const environment of ["dev", "production"] as const) {
      const { graph, unknown } = await made(environment);
      expect(unknown.types()).to.deep.equal(graph.types());
    }
  });

  it("keeps its buckets to itself: owned, sealed, versioned, tidied, by TLS alone", async () => {
    const { graph } = await made("production");
    const all = (type: string) => graph.all(`aws:s3/${type}`);

    expect(all("bucket:Bucket")).to.have.length(2);
    for (const { protect, inputs } of all("bucket:Bucket")) {
      expect(protect).to.be.true;
      expect(inputs["forceDestroy"]).to.be.false;
    }
    expect(all("bucketPublicAccessBlock:BucketPublicAccessBlock")).to.have.length(2);
    for (const { inputs } of all("bucketPublicAccessBlock:BucketPublicAccessBlock")) {
      expect(inputs).to.deep.include({
        ...{ blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      });
    }
    expect(all("bucketOwnershipControls:BucketOwnershipControls").map(({ inputs }) => inputs["rule"])).to.deep.equal(
      Array.from({ length: 2 }, () => ({ objectOwnership: "BucketOwnerEnforced" })),
    );
    expect(
      all("bucketVersioning:BucketVersioning").map(({ inputs }) => inputs["versioningConfiguration"]),
    ).to.deep.equal(Array.from({ length: 2 }, () => ({ status: "Enabled" })));
    expect(all("bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")).to.have.length(2);
    for (const { inputs } of all("bucketLifecycleConfiguration:BucketLifecycleConfiguration")) {
      expect(inputs).to.have.nested.property("rules[0].abortIncompleteMultipartUpload.daysAfterInitiation", 7);
    }
    for (const { inputs } of all("bucketPolicy:BucketPolicy")) {
      expect(json(inputs["policy"])).to.have.nested.property("Statement[0].Effect", "Deny");
      expect(json(inputs["policy"])).to.have.nested.property(
        "Statement[0].Condition.Bool.aws:SecureTransport",
        "false",
      );
    }
    const dev = (await made("dev")).graph;
    for (const { protect } of dev.all("aws:s3/bucket:Bucket")) expect(protect).to.be.false;
  });

  it("gives its pages to its distribution alone", async () => {
    const { graph } = await made("production");
    const policy = json(
      graph.one("aws:s3/bucketPolicy:BucketPolicy", "punctual-console-pages-policy").inputs["policy"],
    );
    const access = graph.one("aws:cloudfront/originAccessControl:OriginAccessControl");

    expect((policy["Statement"] as readonly unknown[])[1]).to.deep.equal({
      Effect: "Allow",
      Sid: "PagesForCloudFront",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3/bucket:Bucket:punctual-console-pages-bucket/*",
      Condition: { StringEquals: { "AWS:SourceArn": `arn:${DISTRIBUTION}:punctual-console-distribution` } },
    });
    expect(graph.one(DISTRIBUTION).inputs["origins"]).to.deep.equal([
      {
        originId: "pages",
        domainName: "punctual-console-pages-bucket.s3.example.com",
        originAccessControlId: `${access.name}-id`,
      },
    ]);
    expect(access.inputs).to.deep.include({ signingBehavior: "always", signingProtocol: "sigv4" });
  });

  it("is asked by TLS, keeps files and not the page, and calls a file that is not there not found", async () => {
    const { inputs } = (await made("production")).graph.one(DISTRIBUTION);
    const page = inputs["defaultCacheBehavior"] as Behaviour;
    const [files] = inputs["orderedCacheBehaviors"] as readonly (Behaviour & { readonly pathPattern: string })[];

    expect(inputs).to.deep.include({ httpVersion: "http2and3", priceClass: "PriceClass_100", isIpv6Enabled: true });
    for (const one of [page, files]) {
      expect(one).to.deep.include({
        viewerProtocolPolicy: "redirect-to-https",
        compress: true,
        responseHeadersPolicyId: "punctual-console-headers-id",
      });
    }
    expect(page.cachePolicyId).to.equal("4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    expect(page.functionAssociations).to.deep.equal([
      {
        eventType: "viewer-request",
        functionArn: "arn:aws:cloudfront/function:Function:punctual-console-rewrite",
      },
    ]);
    expect(files).to.deep.include({ pathPattern: "/assets/*", cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6" });
    for (const one of inputs["customErrorResponses"] as readonly object[]) {
      expect(one).to.deep.include({ responseCode: 404, responsePagePath: "/index.html" });
    }
  });

  it("has a name of its own, proven where CloudFront looks for it, and by TLS 1.2", async () => {
    const { graph } = await made("production");
    const { inputs } = graph.one(DISTRIBUTION);
    const certificate = graph.one("aws:acm/certificate:Certificate");

    expect(inputs["aliases"]).to.deep.equal(["console.punctual.example.com"]);
    expect(inputs["viewerCertificate"]).to.deep.equal({
      acmCertificateArn: `arn:aws:acm/certificate:Certificate:${certificate.name}`,
      minimumProtocolVersion: "TLSv1.2_2021",
      sslSupportMethod: "sni-only",
    });
    expect(certificate.inputs["domainName"]).to.equal("console.punctual.example.com");
    for (const type of ["A", "AAAA"]) {
      const record = graph.one("aws:route53/record:Record", `punctual-console-record-${type.toLowerCase()}`);
      expect(record.inputs).to.deep.include({ type, name: "console.punctual.example.com" });
    }
    expect(graph.outputs["url"]).to.equal("https://console.punctual.example.com");
    expect((await made("dev")).graph.outputs["url"]).to.equal("https://pages.example.com");
  });

  it("has in us-east-1 what CloudFront has there, and all else here", async () => {
    const { graph } = await made("production");
    const there = graph.resources.filter(({ provider, custom }) => custom && provider?.includes("::global::"));

    expect([...new Set(there.map(({ type }) => type))]).to.have.members([
      "aws:acm/certificate:Certificate",
      "aws:acm/certificateValidation:CertificateValidation",
      "aws:route53/record:Record",
      "aws:wafv2/webAcl:WebAcl",
      "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:cloudwatch/logDeliverySource:LogDeliverySource",
      "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
      "aws:cloudwatch/logDelivery:LogDelivery",
    ]);
    const others = graph.resources.filter(({ type, custom }) => custom && type.startsWith("aws:"));
    for (const { urn, provider } of others) expect(provider, urn).to.match(/::(here|global)::/);
    expect(graph.one("aws:s3/bucket:Bucket", "punctual-console-pages-bucket").provider).to.contain("::here::");
  });

  it("has a firewall outside dev", async () => {
    const acl = "aws:wafv2/webAcl:WebAcl";
    const { graph } = await made("production");

    expect(graph.one(DISTRIBUTION).inputs["webAclId"]).to.equal(`arn:${acl}:${graph.one(acl).name}`);
    expect(graph.one(acl).inputs["scope"]).to.equal("CLOUDFRONT");
    expect((await made("dev")).graph.all(acl)).to.be.empty;
  });

  it("logs who asked, by a delivery into a bucket that takes it from nowhere else", async () => {
    const { graph } = await made("production");
    const policy = json(
      graph.one("aws:s3/bucketPolicy:BucketPolicy", "punctual-console-log-lines-policy").inputs["policy"],
    );

    expect(graph.one("aws:cloudwatch/logDeliverySource:LogDeliverySource").inputs).to.deep.include({
      logType: "ACCESS_LOGS",
      resourceArn: `arn:${DISTRIBUTION}:punctual-console-distribution`,
    });
    expect(policy).to.have.nested.property("Statement[1].Principal.Service", "delivery.logs.amazonaws.com");
    expect(policy).to.have.nested.property(
      "Statement[1].Condition.ArnLike.aws:SourceArn",
      "arn:aws:logs:us-east-1:111111111111:delivery-source:*",
    );
    const life = (bucket: string) =>
      graph.one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", `punctual-console-${bucket}-life`)
        .inputs["rules"] as readonly object[];
    expect(life("log-lines")[0]).to.deep.include({
      expiration: { days: 7 },
      noncurrentVersionExpiration: { noncurrentDays: 1 },
    });
    expect(life("pages")[0]).to.deep.include({ noncurrentVersionExpiration: { noncurrentDays: 30 } });
  });

  it("has lines written once their bucket lets them in, and says who may reach a bucket one thing at a time", async () => {
    const { graph } = await made("production");
    const policyOf = (name: string) => graph.one("aws:s3/bucketPolicy:BucketPolicy", name);
    const delivery = graph.one("aws:cloudwatch/logDelivery:LogDelivery");

    expect(graph.dependsOn(delivery, policyOf("punctual-console-log-lines-policy"))).to.be.true;
    for (const bucket of ["punctual-console-log-lines", "punctual-console-pages"]) {
      const closed = graph.one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${bucket}-public`);
      expect(graph.dependsOn(policyOf(`${bucket}-policy`), closed)).to.be.true;
    }
  });

  it("tells browsers to run what came from here and to ask here and the API alone", async () => {
    const { graph } = await made("production");
    const { securityHeadersConfig } = graph.one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").inputs;
    const headers = securityHeadersConfig as aws.types.output.cloudfront.ResponseHeadersPolicySecurityHeadersConfig;

    expect(headers.contentSecurityPolicy?.contentSecurityPolicy).to.contain(
      "default-src 'self'; connect-src 'self' https://api.example.com/arn:aws:sns/topic:Topic:anything/;",
    );
    expect(headers.contentSecurityPolicy?.contentSecurityPolicy).not.to.match(/unsafe|\*/);
    expect(headers.strictTransportSecurity).to.include({ accessControlMaxAgeSec: 31_536_000, includeSubdomains: true });
    expect(headers.frameOptions?.frameOption).to.equal("DENY");
    expect(headers.referrerPolicy?.referrerPolicy).to.equal("no-referrer");
    expect(headers.contentTypeOptions).to.deep.equal({ override: true });
  });
});

describe("The rewriting of paths", () => {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what CloudFront does with it
  const handler = new Function("event", `${REWRITE}; return handler(event);`) as (event: {
    request: { uri: string };
  }) => { uri: string };

  for (const [uri, page] of [
    ["/", "/index.html"],
    ["/schedules", "/index.html"],
    ["/schedules/0198c0de/", "/index.html"],
    ["/v1.2/schedules", "/index.html"],
    ["/assets/app-4f1e.js", "/assets/app-4f1e.js"],
    ["/favicon.ico", "/favicon.ico"],
  ] as const) {
    it(`answers ${uri} with ${page}`, () => {
      expect(handler({ request: { uri } }).uri).to.equal(page);
    });
  }
});
