import { expect } from "chai";
import fc from "fast-check";
import { traceHeaderOf } from "../../src/transport/trace-header.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

describe("traceHeaderOf", () => {
  it("says in the form of X-Ray which trace it is, from which span, and whether it is kept", () => {
    const same = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331";
    expect(traceHeaderOf(`00-${TRACE}-${SPAN}-01`)).to.equal(`${same};Sampled=1`);
    expect(traceHeaderOf(`00-${TRACE}-${SPAN}-00`)).to.equal(`${same};Sampled=0`);
  });

  it("asks the lowest bit of the flags alone whether it is kept", () => {
    for (let flags = 0; flags < 256; flags++) {
      const header = traceHeaderOf(`00-${TRACE}-${SPAN}-${flags.toString(16).padStart(2, "0")}`);
      expect(header).to.match(flags % 2 === 1 ? /;Sampled=1$/ : /;Sampled=0$/);
    }
  });

  for (const [what, text] of Object.entries({
    nothing: "",
    "another version": `01-${TRACE}-${SPAN}-01`,
    "capital letters": `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    "a trace that is too short": `00-${TRACE.slice(1)}-${SPAN}-01`,
    "a span that is too long": `00-${TRACE}-${SPAN}0-01`,
    "no flags": `00-${TRACE}-${SPAN}`,
    "something before it": ` 00-${TRACE}-${SPAN}-01`,
    "something behind it": `00-${TRACE}-${SPAN}-01-more`,
    "a line that begins after it": `00-${TRACE}-${SPAN}-01\n`,
    "a header of X-Ray": `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${SPAN};Sampled=1`,
  })) {
    it(`makes nothing of ${what}`, () => expect(traceHeaderOf(text)).to.equal(null));
  }

  it("never says what it was not told", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(traceHeaderOf(text)).to.equal(null);
        expect(traceHeaderOf(`00-${TRACE}-${SPAN}-01${text}`) === null).to.equal(text !== "");
      }),
    );
  });
});
