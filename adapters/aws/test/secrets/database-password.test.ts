import { failureOf } from "@punctual/adapter-sdk/testing";
import { Unavailable } from "@punctual/core";
import { MemoryClock } from "@punctual/core/memory";
import { expect } from "chai";
import { databasePassword } from "../../src/secrets/database-password.js";

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hunter2", sessionToken: "session" };
const URL_OF = "postgres://punctual@proxy.example.com:5432/punctual?sslmode=verify-full";
const MINUTE_MS = 60_000;

describe("databasePassword", () => {
  let clock: MemoryClock;
  let asked: number;
  let away: boolean;
  let password: () => Promise<string>;

  const passwordFor = (url: string) =>
    databasePassword({
      url,
      clock,
      region: "eu-west-1",
      credentials: async () => {
        asked += 1;
        if (away) throw new Error("There are no credentials");
        // Each is another's, so that tokens differ although they are signed within one second.
        return { ...CREDENTIALS, accessKeyId: `AKID${String(asked)}` };
      },
    });

  beforeEach(() => {
    clock = new MemoryClock(new Date());
    asked = 0;
    away = false;
    password = passwordFor(URL_OF);
  });

  it("is a signed request to connect as the user of the URL, good for a quarter of an hour", async () => {
    const token = await password();
    const request = new URL(`https://${token}`);

    expect(token).to.match(/^proxy\.example\.com:5432\/\?/);
    expect(Object.fromEntries(request.searchParams)).to.deep.include({
      Action: "connect",
      DBUser: "punctual",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Expires": "900",
      "X-Amz-SignedHeaders": "host",
      "X-Amz-Security-Token": "session",
    });
    expect(request.searchParams.get("X-Amz-Credential")).to.match(/^AKID1\/\d{8}\/eu-west-1\/rds-db\/aws4_request$/);
    expect(token).not.to.contain("hunter2");
  });

  it("is for the usual port and the user as he is called, where the URL says them otherwise", async () => {
    const token = await passwordFor("postgresql://punctual%40acme@db.example.com/punctual")();

    expect(token).to.match(/^db\.example\.com:5432\//);
    expect(new URL(`https://${token}`).searchParams.get("DBUser")).to.equal("punctual@acme");
  });

  it("is signed once for ten minutes, however many ask", async () => {
    const first = await Promise.all(Array.from({ length: 20 }, () => password()));
    clock.advance(10 * MINUTE_MS - 1);

    expect(new Set([...first, await password()]).size).to.equal(1);
    expect(asked).to.equal(1);
  });

  it("is another one after that", async () => {
    const first = await password();
    clock.advance(10 * MINUTE_MS);

    expect(await password()).not.to.equal(first);
    expect(asked).to.equal(2);
  });

  it("is another one where the clock was put back: nobody knows how old it is", async () => {
    const first = await password();
    clock.advance(-11 * MINUTE_MS);

    expect(await password()).not.to.equal(first);
  });

  it("stays in use where there is no other, until shortly before it expires", async () => {
    const first = await password();
    away = true;
    clock.advance(14 * MINUTE_MS);
    expect(await password()).to.equal(first);
    clock.advance(MINUTE_MS - 10_000);
    expect(await failureOf(password())).to.be.instanceOf(Unavailable);
    away = false;
    expect(await password()).to.match(/X-Amz-Signature/);
  });

  it("is unavailable where nobody can sign", async () => {
    away = true;
    const failure = await failureOf(password());

    expect(failure).to.be.instanceOf(Unavailable);
    expect(failure.cause).to.have.property("message", "There are no credentials");
  });
});
