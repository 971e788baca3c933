import { expect } from "chai";
import { awsWorld } from "../../src/worlds/index.js";

const world = awsWorld({ accountId: "222222222222", region: "eu-central-1" });
const outputs = (type: string, inputs: Record<string, unknown> = {}) => world.outputs({ type, name: "events", inputs });

describe("The world of AWS", () => {
  it("gives a queue its URL for an id, and a name that Pulumi would make", () => {
    const { id, url, arn, name } = outputs("aws:sqs/queue:Queue");

    expect(name).to.match(/^events-[\da-f]{7}$/);
    expect(url).to.equal(`https://sqs.eu-central-1.amazonaws.com/222222222222/${String(name)}`);
    expect(id).to.equal(url);
    expect(arn).to.equal(`arn:aws:sqs:eu-central-1:222222222222:${String(name)}`);
  });

  it("leaves a name that was given as it is, and answers the same each time", () => {
    const asked = ["aws:lambda/function:Function", { name: "punctual-dev-worker" }] as const;
    const arn = "arn:aws:lambda:eu-central-1:222222222222:function:punctual-dev-worker";

    expect(outputs(...asked)).to.deep.include({ id: "punctual-dev-worker", arn });
    expect(outputs(...asked)["invokeArn"]).to.equal(
      `arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/${arn}/invocations`,
    );
    expect(outputs("aws:lambda/alias:Alias", { functionName: arn, name: "live" })["arn"]).to.equal(`${arn}:live`);
    expect(outputs("aws:lambda/alias:Alias", { functionName: "punctual-dev-worker", name: "live" })["arn"]).to.equal(
      `${arn}:live`,
    );
    expect(outputs(...asked)).to.deep.equal(outputs(...asked));
  });

  it("gives what EC2 makes an id of its kind", () => {
    const prefixes = {
      "vpc:Vpc": "vpc",
      "subnet:Subnet": "subnet",
      "securityGroup:SecurityGroup": "sg",
      "eip:Eip": "eipalloc",
    };

    for (const [type, prefix] of Object.entries(prefixes)) {
      expect(outputs(`aws:ec2/${type}`)["id"]).to.match(new RegExp(`^${prefix}-0[\\da-f]{16}$`));
    }
  });

  it("gives a database its address and the secret of its master", () => {
    const made = outputs("aws:rds/instance:Instance", { identifier: "punctual-dev" });

    expect(made).to.deep.include({
      endpoint: "punctual-dev.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com:5432",
      address: "punctual-dev.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com",
    });
    expect(JSON.stringify(made["masterUserSecrets"])).to.match(
      /arn:aws:secretsmanager:eu-central-1:222222222222:secret:rds!db-/,
    );
  });

  it("follows the region that a resource names for itself", () => {
    expect(outputs("aws:kms/key:Key", { region: "eu-west-3" })["arn"]).to.match(
      /^arn:aws:kms:eu-west-3:222222222222:key\//,
    );
  });

  it("gives what it does not know an ARN all the same", () => {
    expect(outputs("aws:glue/job:Job", { name: "job" })["arn"]).to.equal(
      "arn:aws:glue:eu-central-1:222222222222:job/job",
    );
    expect(outputs("other:index/thing:Thing")).to.deep.equal({});
  });

  it("answers who asks and where, and refuses what it has no answer for", () => {
    expect(world.call("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"]).to.equal("222222222222");
    expect(world.call("aws:index/getAvailabilityZones:getAvailabilityZones", {})["names"]).to.deep.equal([
      ...["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    ]);
    expect(() => world.call("aws:ec2/getAmi:getAmi", {})).to.throw(RangeError, "no answer for aws:ec2/getAmi:getAmi");
  });
});

describe("Chance, in any world", () => {
  it("is none, and of the right size", () => {
    const bytes = outputs("random:index/randomBytes:RandomBytes", { length: 32 })["base64"];
    const password = outputs("random:index/randomPassword:RandomPassword", { length: 24 })["result"];
    const id = outputs("random:index/randomId:RandomId", { byteLength: 4 })["hex"];

    expect(Buffer.from(String(bytes), "base64")).to.have.length(32);
    expect(password).to.have.length(24);
    expect(id).to.match(/^[\da-f]{8}$/);
    expect(outputs("random:index/randomUuid:RandomUuid")["result"]).to.match(
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    );
  });
});
