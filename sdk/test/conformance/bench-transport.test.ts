import { expect } from "chai";
import { benchTransport, memoryHarness } from "../../src/conformance/index.js";

describe("benchTransport", () => {
  it("sends and receives all, and says how fast in one object", async () => {
    let [sent, closed] = [0, false];
    const harness = memoryHarness((service) => ({
      capabilities: service.capabilities,
      send: async (messages) => {
        sent += messages.length;
        return service.send(messages);
      },
      consume: (options, handle, signal) => service.consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => service.consumeDeadLetters(handle, signal),
    }));
    const open = async () => ({ ...(await harness.open()), close: async () => void (closed = true) });
    const report = await benchTransport({ ...harness, open }, { messages: 250 });

    expect(report).to.deep.include({ name: "memory", messages: 250 });
    for (const figure of [report.sendPerSecond, report.deliverPerSecond]) expect(figure).to.be.above(0);
    expect(report.wayMs.p99).to.be.at.least(report.wayMs.p50);
    expect({ sent, closed }).to.deep.equal({ sent: 500, closed: true });
  });

  it("tells a refusal, and leaves nothing open", async () => {
    let closed = false;
    const harness = memoryHarness((service) => ({
      capabilities: service.capabilities,
      send: async (messages) => ({ accepted: [], refused: messages.map((message) => ({ message, reason: "full" })) }),
      consume: (options, handle, signal) => service.consume(options, handle, signal),
      consumeDeadLetters: (handle, signal) => service.consumeDeadLetters(handle, signal),
    }));
    const open = async () => ({ ...(await harness.open()), close: async () => void (closed = true) });
    const error = await benchTransport({ ...harness, open }, { messages: 5 }).catch((thrown: unknown) => thrown);

    expect((error as Error).message).to.equal("A message was refused: full");
    expect(closed).to.equal(true);
  });
});
