import { failureOf } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock, MemoryTelemetry } from "@punctual/core/memory";
import { expect } from "chai";
import type { APIGatewayRequestAuthorizerEvent } from "aws-lambda";
import { inspect } from "node:util";
import {
  type Authenticate,
  authorizerHandler,
  type AuthorizerEvent,
  type AuthorizerResult,
} from "../../src/authorizer/authorizer-handler.js";

const API = "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234";
const TOKEN = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
const ALICE = { subject: "alice@example.org", tenant: "main", roles: ["admin", "user"] };

const byToken = (authorizationToken = TOKEN, methodArn = `${API}/live/GET/v1/schedules`): AuthorizerEvent => ({
  type: "TOKEN",
  authorizationToken,
  methodArn,
});
const byRequest = (fields: Partial<APIGatewayRequestAuthorizerEvent>): AuthorizerEvent =>
  ({ type: "REQUEST", methodArn: `${API}/live/GET/v1/schedules`, headers: null, ...fields }) as AuthorizerEvent;

class Unauthenticated extends Error {
  override readonly name = "Unauthenticated";
}

/** Knows one token, and nobody else. */
const setup = (authenticate?: Authenticate) => {
  const clock = new MemoryClock(new Date("2030-01-01T00:00:00Z"));
  const telemetry = new MemoryTelemetry();
  const asked: (string | undefined)[] = [];
  const alice: Authenticate = async (authorization) => {
    asked.push(authorization);
    if (authorization !== TOKEN)
      throw new Unauthenticated(`Not good: ${authorization}`, { cause: new Error(authorization) });
    return ALICE;
  };
  return { clock, telemetry, asked, authorize: authorizerHandler(authenticate ?? alice, clock, telemetry) };
};

/** Whether a policy lets a method be asked, as IAM reads it: a star is anything, a question mark any one letter. */
function allows({ policyDocument }: AuthorizerResult, arn: string): boolean {
  return policyDocument.Statement.some((statement) => {
    if (!("Resource" in statement) || statement.Effect !== "Allow") return false;
    const resources: readonly string[] = [statement.Resource ?? []].flat();
    return resources.some((resource) => {
      const pattern = resource
        .replaceAll(/[$.+^{}()|[\]\\/-]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".");
      return new RegExp(`^${pattern}$`, "s").test(arn);
    });
  });
}

describe("authorizerHandler", () => {
  it("lets in who is known, and tells the API who that is", async () => {
    const { authorize, asked, telemetry } = setup();
    expect(await authorize(byToken())).to.deep.equal({
      principalId: "alice@example.org",
      policyDocument: {
        Version: "2012-10-17",
        Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${API}/live/*/*` }],
      },
      context: { tenant: "main", roles: "admin,user" },
    });
    expect(asked).to.deep.equal([TOKEN]);
    expect(telemetry.facts).to.deep.equal([]);
  });

  it("lets ask every method and route of the API, whichever was asked first (A1)", async () => {
    const { authorize } = setup();
    const routes = [
      ...["GET/", "GET/v1/schedules", "POST/v1/schedules", "DELETE/v1/schedules/7f3a", "PATCH/v1/users/u-1"],
      ...["POST/v1/schedules/7f3a/pause", "GET/health/ready", "PUT/v1/schedules/by-key/a:b", "OPTIONS/v1/events"],
    ];
    for (const first of routes) {
      const policy = await authorize(byToken(TOKEN, `${API}/live/${first}`));
      for (const other of routes)
        expect(allows(policy, `${API}/live/${other}`), `${other} after ${first}`).to.equal(true);
    }
  });

  it("lets ask nothing else (A1)", async () => {
    const { authorize } = setup();
    const policy = await authorize(byToken());
    for (const other of [
      `${API}/test/GET/v1/schedules`,
      `${API}/live2/GET/v1/schedules`,
      `${API.replace("abcdef1234", "abcdef1235")}/live/GET/v1/schedules`,
      `${API.replace("eu-central-1", "us-east-1")}/live/GET/v1/schedules`,
      `${API.replace("123456789012", "123456789013")}/live/GET/v1/schedules`,
      "arn:aws:s3:::bucket/live/GET/v1/schedules",
    ]) {
      expect(allows(policy, other), other).to.equal(false);
    }
  });

  it("knows APIs in all partitions, and stages by all their names", async () => {
    const { authorize } = setup();
    for (const stage of [
      "arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/v1",
      "arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef1234/live",
      "arn:aws-iso-b:execute-api:us-isob-east-1:123456789012:abcdef1234/live",
      "arn:aws:execute-api:ap-southeast-12:123456789012:abcdef1234/test-invoke-stage",
      "arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/$default",
    ]) {
      const { policyDocument } = await authorize(byToken(TOKEN, `${stage}/GET/`));
      expect(policyDocument.Statement).to.deep.equal([
        { Action: "execute-api:Invoke", Effect: "Allow", Resource: `${stage}/*/*` },
      ]);
    }
  });

  for (const path of [
    "GET/*",
    "*/*",
    "GET/a?b",
    "GET/../../../other/*",
    `GET/x","Effect":"Allow","Resource":"*`,
    "GET/a\nb",
    `GET/${API}/prod/*/*`,
    "GET/$" + "{aws:username}",
    "GET//",
    "",
  ]) {
    it(`takes nothing from the path ${JSON.stringify(path)} (A1)`, async () => {
      const { policyDocument } = await setup().authorize(byToken(TOKEN, `${API}/live/${path}`));
      expect(policyDocument.Statement).to.deep.equal([
        { Action: "execute-api:Invoke", Effect: "Allow", Resource: `${API}/live/*/*` },
      ]);
    });
  }

  for (const arn of [
    ...[
      "",
      "*",
      "arn",
      "arn:aws:execute-api",
      `${API}`,
      `${API}/`,
      `${API}//GET/`,
      `${API}/*/GET/`,
      `${API}/li*e/GET/`,
    ],
    ...[`${API}/li?e/GET/`, `${API}/a b/GET/`, `${API}/live\n/GET/`, `\n${API}/live/GET/`, `x${API}/live/GET/`],
    ...[
      "arn:aws:execute-api:*:123456789012:abcdef1234/live/GET/",
      "arn:aws:execute-api:eu-central-1:*:abcdef1234/live/GET/",
    ],
    ...[
      "arn:aws:execute-api:eu-central-1:123456789012:*/live/GET/",
      "arn:*:execute-api:eu-central-1:123456789012:a/live/GET/",
    ],
    ...[
      "arn:aws:s3:eu-central-1:123456789012:abcdef1234/live/GET/",
      "arn:aws:execute-api:eu-central-1:1234:abcdef1234/live/GET/",
    ],
    ...[undefined, null, 7, {}, [`${API}/live/GET/`]],
  ]) {
    it(`lets nobody in by the ARN ${JSON.stringify(arn)} (A3)`, async () => {
      const { authorize, asked } = setup();
      const failure = await failureOf(authorize({ ...byToken(), methodArn: arn } as AuthorizerEvent));
      expect(failure.message).to.equal("Who asks cannot be told");
      expect(asked, "nobody is asked for it").to.deep.equal([]);
    });
  }

  const long = `Bearer ${"x".repeat(100_000)}`;
  const unknown: Readonly<Record<string, AuthorizerEvent>> = {
    "another token": byToken(`${TOKEN}x`),
    "no bearer": byToken(TOKEN.slice("Bearer ".length)),
    "a user and a password": byToken("Basic YWxpY2U6aHVudGVyMg=="),
    "an empty token": byToken(""),
    "no token": { ...byToken(), authorizationToken: undefined } as never,
    "a very long token": byToken(long),
    "no headers": byRequest({}),
    "other headers": byRequest({ headers: { "X-Authorization": TOKEN } }),
    "two tokens": byRequest({ multiValueHeaders: { Authorization: [TOKEN, `${TOKEN}x`] } }),
    "one token twice": byRequest({ multiValueHeaders: { Authorization: [TOKEN, TOKEN] } }),
    "two tokens by two spellings": byRequest({ headers: { Authorization: TOKEN, authorization: `${TOKEN}x` } }),
    "a token in the query": byRequest({ headers: {}, queryStringParameters: { authorization: TOKEN } }),
  };
  for (const [what, event] of Object.entries(unknown)) {
    it(`answers ${what} with the word that API Gateway takes for 401 (A2)`, async () => {
      const { authorize, telemetry } = setup();
      const failure = await failureOf(authorize(event));
      expect(failure.message).to.equal("Unauthorized");
      expect(telemetry.facts, "it is no trouble of ours").to.deep.equal([]);
    });
  }

  for (const [what, event] of Object.entries({
    "a header": byRequest({ headers: { authorization: TOKEN } }),
    "a header in capitals": byRequest({ headers: { Host: "x", AUTHORIZATION: TOKEN } }),
    "one of several headers": byRequest({ multiValueHeaders: { Accept: ["a", "b"], Authorization: [TOKEN] } }),
    "one header in both forms": byRequest({
      headers: { Authorization: TOKEN },
      multiValueHeaders: { Authorization: [TOKEN] },
    }),
  })) {
    it(`finds the token in ${what} of a request`, async () => {
      expect(await setup().authorize(event)).to.include({ principalId: "alice@example.org" });
    });
  }

  it("hands a token on as it came, however long", async () => {
    const { authorize, asked } = setup();
    await failureOf(authorize(byToken(long)));
    expect(asked).to.deep.equal([long]);
  });

  const fails =
    (error: unknown): Authenticate =>
    async () => {
      throw error;
    };
  for (const [what, authenticate] of Object.entries<Authenticate>({
    "the keys are away": fails(new Unavailable("The keys of the issuer cannot be had")),
    "there is a bug": fails(new TypeError(`Cannot read ${TOKEN}`)),
    "something odd is thrown": fails("Unauthorized"),
    "an error only looks like one of the unknown": fails(new Error("Unauthenticated")),
    "a caller has no name": async () => ({ ...ALICE, subject: "" }),
    "a caller has no tenant": async () => ({ ...ALICE, tenant: undefined }) as never,
    "nobody is told of": async () => undefined as never,
    "it fails at once": () => {
      throw new Error("at once");
    },
  })) {
    it(`lets nobody in where ${what}, and does not say 401 (A3)`, async () => {
      const { authorize, telemetry } = setup(authenticate);
      const failure = await failureOf(authorize(byToken()));
      expect(failure.message).to.equal("Who asks cannot be told");
      expect(telemetry.facts.map((fact) => fact.kind)).to.deep.equal(["trouble"]);
      expect(telemetry.facts[0]).to.include({ where: "authorizer" });
    });
  }

  it("gives up before the function is cut off (A3)", async () => {
    const { authorize, clock } = setup(() => new Promise(() => undefined));
    const failing = failureOf(authorize(byToken()));
    clock.advance(4_000);
    expect((await failing).message).to.equal("Who asks cannot be told");
  });

  it("leaves no timer behind", async () => {
    const { authorize, clock } = setup();
    await authorize(byToken());
    await failureOf(authorize(byToken("other")));
    expect(clock.nextWake).to.equal(null);
  });

  it("tells nothing of a token in what it throws (A4)", async () => {
    for (const authenticate of [undefined, fails(new TypeError(`Cannot read secret-part`, { cause: "secret-part" }))]) {
      const failure = await failureOf(setup(authenticate).authorize(byToken("Bearer secret-part")));
      const printed = inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure);
      expect(printed).not.to.contain("secret-part");
    }
  });
});
