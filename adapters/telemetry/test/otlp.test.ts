import { expect } from "chai";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { telemetryFor } from "../src/wiring.js";
import { Lines } from "./support.js";

interface Sent {
  readonly resourceMetrics: readonly {
    readonly resource: {
      readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
    };
  }[];
}

/** What two processes that are called the same tell a collector of themselves. */
async function toldByTwo(): Promise<readonly Readonly<Record<string, string>>[]> {
  const told: Readonly<Record<string, string>>[] = [];
  const collector = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { resource } of (body as Sent).resourceMetrics) {
        told.push(Object.fromEntries(resource.attributes.map(({ key, value }) => [key, value.stringValue])));
      }
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await once(collector.listen(0, "127.0.0.1"), "listening");
  const otlpUrl = `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`;
  for (let left = 2; left > 0; left--) {
    const config = { logLevel: "silent", otlpUrl, service: "punctual", version: "1.2.3" } as const;
    await (await telemetryFor(config, new Lines())).close();
  }
  collector.close();
  return told;
}

describe("What a collector is told", () => {
  it("says which process it comes from, so that two of one name do not overwrite each other", async () => {
    const [first, second, ...more] = await toldByTwo();

    expect(more).to.be.empty;
    expect(first).to.include({ "service.name": "punctual", "service.version": "1.2.3" });
    expect(first?.["service.instance.id"]).to.match(/^[\da-f-]{36}$/);
    expect(second?.["service.instance.id"]).not.to.equal(first?.["service.instance.id"]);
  });
});
