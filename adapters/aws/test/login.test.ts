import { loadLogin } from "@punctual/adapter-sdk";
import { failureOf } from "@punctual/adapter-sdk/testing";
import { InvalidInput, Unavailable } from "@punctual/core";
import { expect } from "chai";

const OURS = "@punctual/adapter-aws/login";
const ENVIRONMENT = {
  PUNCTUAL_DATABASE_URL: "postgres://punctual@proxy.example.com:5432/punctual?sslmode=verify-full",
  AWS_REGION: "eu-west-3",
};
const load = async (environment: Readonly<Record<string, string>>) => loadLogin(OURS, environment, import.meta.dirname);

describe("The login of the AWS adapter", () => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_EC2_METADATA_DISABLED: alone } = process.env;
  const { AWS_PROFILE: profile } = process.env;
  const say = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };

  beforeEach(() => {
    say("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    say("AWS_SECRET_ACCESS_KEY", "hunter2");
    say("AWS_EC2_METADATA_DISABLED", "true");
    say("AWS_PROFILE", undefined);
  });
  afterEach(() => {
    say("AWS_ACCESS_KEY_ID", id);
    say("AWS_SECRET_ACCESS_KEY", secret);
    say("AWS_EC2_METADATA_DISABLED", alone);
    say("AWS_PROFILE", profile);
  });

  it("is found by its name, and signs for the user and the region that it is told", async () => {
    const token = await (await load(ENVIRONMENT))();
    const { host, searchParams } = new URL(`https://${token}`);

    expect(host).to.equal("proxy.example.com:5432");
    expect(searchParams.get("DBUser")).to.equal("punctual");
    expect(searchParams.get("X-Amz-Credential")).to.match(/^AKIDEXAMPLE\/\d{8}\/eu-west-3\/rds-db\/aws4_request$/);
    expect(token).not.to.contain("hunter2");
  });

  it("is asked with each connection, and signs no more often than it must", async () => {
    const login = await load(ENVIRONMENT);

    expect(await login()).to.equal(await login());
  });

  it("is refused where the URL does not say whom to log in as", async () => {
    for (const url of ["postgres://proxy.example.com/punctual", undefined]) {
      const failure = await failureOf(
        load({ AWS_REGION: "eu-west-3", ...(url !== undefined && { PUNCTUAL_DATABASE_URL: url }) }),
      );
      expect(failure).to.be.instanceOf(InvalidInput);
      expect(failure.message).to.contain("PUNCTUAL_DATABASE_URL must name whom to log in as");
    }
  });

  it("is unavailable, and not broken, where nobody gives credentials", async () => {
    const login = await load(ENVIRONMENT);
    say("AWS_ACCESS_KEY_ID", undefined);
    say("AWS_SECRET_ACCESS_KEY", undefined);
    say("AWS_PROFILE", "there-is-no-such-profile");

    expect(await failureOf(login())).to.be.instanceOf(Unavailable);
  });
});
