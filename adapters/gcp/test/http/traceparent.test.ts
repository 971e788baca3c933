import { expect } from "chai";
import { traceparentOf } from "../../src/http/traceparent.js";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const DECIMAL = BigInt(`0x${SPAN}`).toString();
const W3C = `00-${TRACE}-${SPAN}-01`;

describe("traceparentOf", () => {
  const table: readonly (readonly [
    what: string,
    traceparent: string | undefined,
    google: string | undefined,
    is: string | null,
  ])[] = [
    ["nothing", undefined, undefined, null],
    ["empty headers", "", "", null],
    ["W3C's", W3C, undefined, W3C],
    ["W3C's with spaces around", ` ${W3C} `, undefined, W3C],
    ["W3C's, not sampled", `00-${TRACE}-${SPAN}-00`, undefined, `00-${TRACE}-${SPAN}-00`],
    ["W3C's of a later version", `01-${TRACE}-${SPAN}-01-more`, undefined, W3C],
    ["W3C's of a later version that has nothing more", `cc-${TRACE}-${SPAN}-01`, undefined, W3C],
    ["W3C's of a version that is none", `ff-${TRACE}-${SPAN}-01`, undefined, null],
    ["W3C's with more than its version has", `${W3C}-more`, undefined, null],
    ["W3C's in capitals", W3C.toUpperCase(), undefined, null],
    ["W3C's with a trace of zeros", `00-${"0".repeat(32)}-${SPAN}-01`, undefined, null],
    ["W3C's with a span of zeros", `00-${TRACE}-${"0".repeat(16)}-01`, undefined, null],
    ["W3C's cut off", W3C.slice(0, -1), undefined, null],
    ["Google's", undefined, `${TRACE}/${DECIMAL};o=1`, W3C],
    ["Google's, not sampled", undefined, `${TRACE}/${DECIMAL};o=0`, `00-${TRACE}-${SPAN}-00`],
    ["Google's that does not say", undefined, `${TRACE}/${DECIMAL}`, `00-${TRACE}-${SPAN}-00`],
    ["Google's in capitals", undefined, `${TRACE.toUpperCase()}/${DECIMAL};o=1`, W3C],
    ["Google's with a small span", undefined, `${TRACE}/1;o=1`, `00-${TRACE}-0000000000000001-01`],
    ["Google's with the largest span", undefined, `${TRACE}/18446744073709551615`, `00-${TRACE}-ffffffffffffffff-00`],
    ["Google's with a span that is too large", undefined, `${TRACE}/18446744073709551616;o=1`, null],
    ["Google's without a span", undefined, `${TRACE};o=1`, null],
    ["Google's with no span", undefined, `${TRACE}/0;o=1`, null],
    ["Google's with a trace of zeros", undefined, `${"0".repeat(32)}/1;o=1`, null],
    ["Google's with another option", undefined, `${TRACE}/1;o=2`, null],
    ["Google's with a span in hexadecimals", undefined, `${TRACE}/${SPAN};o=1`, null],
    ["both", W3C, `${"1".repeat(32)}/1;o=0`, W3C],
    ["W3C's that is none, and Google's", "none", `${TRACE}/${DECIMAL};o=1`, W3C],
  ];
  for (const [what, traceparent, google, is] of table) {
    it(`reads ${what}`, () => {
      const headers = {
        ...(traceparent !== undefined && { traceparent }),
        ...(google !== undefined && { "x-cloud-trace-context": google }),
      };
      expect(traceparentOf(headers)).to.equal(is);
    });
  }

  it("reads none where a header came twice", () => {
    expect(traceparentOf({ "x-cloud-trace-context": [`${TRACE}/1`, `${TRACE}/2`] })).to.equal(null);
  });
});
