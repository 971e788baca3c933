import { expect } from "chai";
import { headerOf, RequestReader } from "../../src/processes/request-reader.js";

const head = "POST /hook HTTP/1.1\r\nhost: 127.0.0.1\r\nwebhook-id: 7f3a\r\ncontent-length: 4";
const whole = Buffer.from(`${head}\r\n\r\nbody`);

describe("RequestReader", () => {
  it("finds several requests in one piece", () => {
    const requests = new RequestReader().read(Buffer.concat([whole, whole]));
    expect(requests).to.deep.equal([
      { head, bytes: whole.length },
      { head, bytes: whole.length },
    ]);
  });

  it("waits for the rest, wherever a request is cut", () => {
    for (let cut = 1; cut < whole.length; cut++) {
      const reader = new RequestReader();
      expect(reader.read(whole.subarray(0, cut))).to.deep.equal([]);
      expect(reader.read(whole.subarray(cut))).to.deep.equal([{ head, bytes: whole.length }]);
    }
  });
});

describe("headerOf", () => {
  it("reads a header in the middle, and the last one", () => {
    expect(headerOf(head, "webhook-id")).to.equal("7f3a");
    expect(headerOf(head, "content-length")).to.equal("4");
  });

  it("does not take a part of a name for the name", () => {
    expect(headerOf(head, "id")).to.equal(undefined);
  });
});
