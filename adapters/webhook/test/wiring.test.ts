import { expect } from "chai";
import type { DataKeys } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { Container } from "inversify";
import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { WEBHOOK_DEFAULTS } from "../src/config.js";
import { webhookSender } from "../src/wiring.js";
import { cleanUp } from "./support/clean-up.js";
import { ScriptedReceiver } from "./support/scripted-receiver.js";
import { answers } from "./support/scripts.js";
import { requestTo } from "./support/sender.js";

describe("webhookSender", () => {
  const closeAfterwards = cleanUp();

  const setup = async () => {
    const config = { ...WEBHOOK_DEFAULTS, allow: ["127.0.0.1"], ports: "1-65535" };
    const webhook = closeAfterwards(webhookSender(config));
    const container = new Container();
    container.load(webhook.module);
    container.bind(ports.clock).toConstantValue({
      now: () => new Date(),
      monotonic: () => performance.now(),
      sleep: async () => undefined,
    });
    container.bind(ports.dataKeys).toConstantValue(plainKeys);
    const [senders, vault, signatures] = [
      container.get(ports.senders),
      container.get(ports.vault),
      container.get(ports.signatures),
    ];
    const receiver = closeAfterwards(await ScriptedReceiver.listen(answers(200)));
    return { webhook, senders, vault, signatures, receiver };
  };

  it("binds a sender for http that signs with what its vault made, and what verifies that", async () => {
    const { senders, vault, signatures, receiver } = await setup();
    const { secret, sealed } = await vault.make(requestTo("").destination.id);
    const secrets = [{ id: "1", sealed, createdAt: new Date(0), expiresAt: null }];
    const request = requestTo(receiver.url, { at: new Date(), destination: { secrets } });

    const result = await senders.get("http")?.send(request);

    expect(result).to.include({ status: 200, error: null });
    const { headers, body = Buffer.of() } = receiver.requests[0] ?? {};
    new Webhook(secret).verify(body, { ...headers });
    const {
      "webhook-id": id = "",
      "webhook-timestamp": timestamp = "",
      "webhook-signature": signature = "",
    } = {
      ...headers,
    };
    const message = { id, timestamp, signature, body: body.toString() };
    expect(await signatures.genuine(message, request.destination, new Date())).to.equal(true);
  });

  it("gives one sender to all who ask, so that they share its connections", async () => {
    const { senders } = await setup();
    expect([...senders.keys()]).to.deep.equal(["http"]);
    expect(senders.get("http")).to.equal(senders.get("http"));
  });

  it("goes on with the connection that it has, until it is told to renew it", async () => {
    const { webhook, senders, receiver } = await setup();
    const send = async () => {
      await senders.get("http")?.send(requestTo(receiver.url));
      await new Promise(setImmediate); // the answer is there a moment before its connection is free
    };
    await send();
    await send();
    webhook.renew();
    await send();

    expect(receiver.requests.map(({ connection }) => connection)).to.deep.equal([1, 1, 2]);
  });
});

const plainKeys: DataKeys = {
  generate: async () => {
    const key = randomBytes(32);
    return { key, wrapped: key };
  },
  unwrap: async (wrapped) => wrapped,
};
