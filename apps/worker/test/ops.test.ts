import { expect } from "chai";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Ops, type OpsDeps } from "../src/index.js";

describe("Ops", () => {
  let server: Server;
  const open = async (deps: Partial<OpsDeps> = {}) => {
    const fine: OpsDeps = { metrics: async () => "up 1\n", live: () => undefined, ready: async () => undefined };
    const ops = new Ops({ ...fine, ...deps });
    server = createServer((request, response) => void ops.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return async (path: string, method = "GET") => {
      const response = await fetch(base + path, { method });
      return [response.status, await response.text()] as const;
    };
  };
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const fails = () => {
    throw new Error("password refused");
  };

  it("answers with metrics, life and readiness", async () => {
    const ask = await open();
    expect(await ask("/metrics")).to.deep.equal([200, "up 1\n"]);
    expect(await ask("/health/live?deep")).to.deep.equal([200, '{"status":"ok"}']);
    expect(await ask("/health/ready")).to.deep.equal([200, '{"status":"ok"}']);
  });

  it("says that it is not alive, or not ready, and not why", async () => {
    const ask = await open({ live: fails, ready: async () => fails() });
    expect(await ask("/health/live")).to.deep.equal([503, '{"status":"away"}']);
    expect(await ask("/health/ready")).to.deep.equal([503, '{"status":"away"}']);
  });

  it("is asked nothing else", async () => {
    const ask = await open();
    expect((await ask("/"))[0]).to.equal(404);
    expect((await ask("/health/live", "POST"))[0]).to.equal(405);
  });

  it("answers though its metrics cannot be had", async () => {
    const ask = await open({ metrics: async () => fails() });
    const [status, text] = await ask("/metrics");
    expect(status).to.equal(503);
    expect(text).not.to.contain("password");
  });
});
