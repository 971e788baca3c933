import { expect } from "chai";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SystemClock } from "@punctual/adapter-local";
import { type Backend, Balancer } from "../../src/platform/balancer.js";

const QUESTION = { method: "GET", path: "/v1/events" } as const;

describe("Balancer", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await closed(server);
  });

  async function closed(server: Server): Promise<void> {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }

  async function backend(name: string, status = 200): Promise<Backend & { draining: boolean; server: Server }> {
    const answer: RequestListener = ({ url }, response) => {
      response.writeHead(url === "/health/ready" ? 200 : status).end(name);
    };
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, name, draining: false, server };
  }

  async function setup(...backends: readonly Backend[]): Promise<Balancer> {
    const balancer = new Balancer(new SystemClock());
    for (const one of backends) await balancer.add(one);
    return balancer;
  }

  it("asks one after the other", async () => {
    const balancer = await setup(await backend("a"), await backend("b"));
    const said = [await balancer.ask(QUESTION), await balancer.ask(QUESTION)].map((answer) => answer?.body);
    expect(said).to.have.members(["a", "b"]);
  });

  it("asks another where a connection is refused by who was told to end", async () => {
    const [a, b] = [await backend("a"), await backend("b")];
    const balancer = await setup(a, b);
    a.draining = true;
    await closed(a.server);
    const said = [await balancer.ask(QUESTION), await balancer.ask(QUESTION)].map((answer) => answer?.body);
    expect(said).to.deep.equal(["b", "b"]);
    expect(balancer.tally).to.include({ answered: 2, retried: 1, refused: 0 });
  });

  it("objects where a connection is refused by who was not", async () => {
    const a = await backend("a");
    const balancer = await setup(a);
    await closed(a.server);
    expect(await balancer.ask(QUESTION)).to.equal(null);
    expect(balancer.tally).to.include({ answered: 0, retried: 0, refused: 1 });
  });

  it("objects where nobody is left", async () => {
    const a = await backend("a");
    const balancer = await setup(a);
    balancer.remove(a);
    expect(await balancer.ask(QUESTION)).to.equal(null);
    expect(balancer.tally.refused).to.equal(1);
  });

  it("objects to an answer of 500 or more", async () => {
    const balancer = await setup(await backend("a", 503));
    await balancer.ask(QUESTION);
    expect(balancer.tally).to.include({ answered: 1, errors: 1 });
    expect(balancer.wrongs).to.have.length(1);
  });
});
