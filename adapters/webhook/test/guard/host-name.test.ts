import { expect } from "chai";
import { bareName, hostOf } from "../../src/guard/host-name.js";

describe("the name of a host", () => {
  it("is dialled without the brackets of a URL", () => {
    expect(hostOf(new URL("http://[::1]:8080/"))).to.equal("::1");
    expect(hostOf(new URL("http://example.com.:8080/"))).to.equal("example.com.");
  });

  it("is compared in small letters and without its last dot", () => {
    expect(bareName("EXAMPLE.com.")).to.equal("example.com");
    expect(bareName("a..")).to.equal("a.");
  });
});
