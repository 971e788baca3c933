import { expect } from "chai";
import { Meter } from "../src/import/meter.js";

describe("Meter", () => {
  async function* chunksOf(parts: readonly Buffer[]) {
    yield* parts;
  }
  const pass = async (parts: readonly Buffer[]) => {
    const meter = new Meter();
    const through: Buffer[] = [];
    for await (const part of meter.through(chunksOf(parts), () => undefined)) through.push(part);
    return { text: Buffer.concat(through).toString(), lines: meter.lines, bytes: meter.bytes };
  };

  const cases = [
    { text: "", lines: 0 },
    { text: "a", lines: 1 },
    { text: "a\n", lines: 1 },
    { text: "a\nb", lines: 2 },
    { text: "\n\n", lines: 2 },
    { text: "ä\nb\nc\n", lines: 3 },
  ];
  for (const { text, lines } of cases) {
    it(`counts ${lines} in ${JSON.stringify(text)}, cut anywhere, and takes off a mark before it`, async () => {
      for (const whole of [Buffer.from(text), Buffer.from(`\ufeff${text}`)]) {
        for (let cut = 0; cut <= whole.length; cut++) {
          const parts = [whole.subarray(0, cut), whole.subarray(cut)];
          expect(await pass(parts)).to.deep.equal({ text, lines, bytes: whole.length });
        }
      }
    });
  }
});
