import { Conflict, Unavailable } from "@punctual/core";
import { expect } from "chai";
import { isMissing, nameOf, translated } from "../src/errors.js";

/** An error as the SDK makes it: by its name and the status of the answer. */
const ofService = (name: string, status = 400) =>
  Object.assign(new Error("said by the service"), { name, $fault: "client", $metadata: { httpStatusCode: status } });
const ofNode = (code: string) => Object.assign(new Error("said by Node"), { code });

describe("translated", () => {
  for (const [what, error] of Object.entries({
    "a throttled request": ofService("ThrottlingException"),
    "too many requests, by their status": ofService("Odd", 429),
    "an SQS queue asked too often": ofService("AWS.SimpleQueueService.RequestThrottled"),
    "a failure of the service": ofService("InternalFailure", 500),
    "a service that is away": ofService("ServiceUnavailable", 503),
    "expired credentials": ofService("ExpiredTokenException"),
    "expired credentials in an old protocol": ofService("ExpiredToken", 403),
    "a token of nobody": ofService("UnrecognizedClientException"),
    "a clock that is wrong": ofService("RequestTimeTooSkewed", 403),
    "a permission that is missing": ofService("AccessDeniedException"),
    "no credentials at all": Object.assign(new Error("none"), { name: "CredentialsProviderError" }),
    "a gateway's page": Object.assign(new SyntaxError("Unexpected token <"), { $response: { statusCode: 502 } }),
    "a refused connection": ofNode("ECONNREFUSED"),
    "a reset connection": ofNode("ECONNRESET"),
    "a refused connection by two addresses": Object.assign(new AggregateError([]), { code: "ECONNREFUSED" }),
    "a name that is not known": ofNode("ENOTFOUND"),
    "a name that is not known now": ofNode("EAI_AGAIN"),
    "a network that is away": ofNode("ENETUNREACH"),
    "a certificate of another": ofNode("ERR_TLS_CERT_ALTNAME_INVALID"),
    "an answer that does not come": Object.assign(new Error("late"), { name: "TimeoutError" }),
  })) {
    it(`makes ${what} unavailable, and keeps the original`, () => {
      const known = translated(error, "SQS");
      expect(known).to.be.instanceOf(Unavailable).and.include({ code: "unavailable", cause: error });
      expect((known as Unavailable).message).to.match(/^SQS /);
    });
  }

  for (const [what, error] of Object.entries({
    "a request that is malformed": ofService("ValidationException"),
    "a thing that is not there": ofService("ResourceNotFoundException"),
    "a mistake in the program": new TypeError("undefined is not a function"),
    "an abort by the caller": Object.assign(new Error("aborted"), { name: "AbortError" }),
    "what the core knows": new Conflict("key_taken", "Another has that key"),
    "a thrown text": "text",
    "a thrown nothing": undefined,
    "a thrown null": null,
  })) {
    it(`leaves ${what} as it is`, () => expect(translated(error, "SQS")).to.equal(error));
  }
});

describe("isMissing", () => {
  it("knows what is not there, in the words of several services", () => {
    const names = ["ResourceNotFoundException", "NotFoundException", "AWS.SimpleQueueService.NonExistentQueue"];
    for (const name of names) expect(isMissing(ofService(name)), name).to.equal(true);
    for (const other of [ofService("ValidationException"), new Error("x"), null, 7]) {
      expect(isMissing(other)).to.equal(false);
    }
  });
});

describe("nameOf", () => {
  it("is empty for what has no name", () => {
    expect([undefined, null, "text", {}, { name: 7 }].map(nameOf)).to.deep.equal(["", "", "", "", ""]);
  });
});
