import { expect } from "chai";
import { Unavailable, type Vault } from "@punctual/core";
import { Webhook } from "standardwebhooks";
import { cleanUp } from "./support/clean-up.js";
import { type ReceivedRequest, ScriptedReceiver, type Wire } from "./support/scripted-receiver.js";
import { answers } from "./support/scripts.js";
import { plainVault, requestTo, testSender } from "./support/sender.js";

const OLD = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
const NEW = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const OWNER = requestTo("").destination.id;
const ID = requestTo("").id;

/** One secret that is running out while another takes over. */
const SECRETS = [
  { id: "old", sealed: `${OWNER}:${OLD}`, createdAt: new Date(0), expiresAt: new Date("2030-01-01T10:00:00Z") },
  { id: "new", sealed: `${OWNER}:${NEW}`, createdAt: new Date(0), expiresAt: null },
];

describe("HttpSender: what is on the wire", () => {
  const closeAfterwards = cleanUp();

  /** What a receiver gets of a request, and what became of it. */
  const sent = async (
    given: Parameters<typeof requestTo>[1] = {},
    { path = "/hook?a=1", ...options }: Parameters<typeof testSender>[0] & { path?: string } = {},
  ) => {
    const receiver = closeAfterwards(await ScriptedReceiver.listen(answers(200)));
    const sender = closeAfterwards(testSender({ userAgent: "Punctual/1.2.3 (+webhooks)", ...options }));
    const result = await sender.send(requestTo(receiver.urlAt("127.0.0.1", path), given));
    return { result, request: receiver.requests[0] as ReceivedRequest, receiver, sender };
  };

  it("is this, byte for byte", async () => {
    const { request, receiver } = await sent({
      attempt: 3,
      body: '{"type":"t","data":"ü"}',
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      destination: { headers: { "x-team": "births", Authorization: "Bearer abc" }, secrets: [SECRETS[1] as never] },
    });
    const lines = [
      "POST /hook?a=1 HTTP/1.1",
      `host: 127.0.0.1:${receiver.port}`,
      "connection: keep-alive",
      "x-team: births",
      "Authorization: Bearer abc",
      "content-type: application/json",
      "user-agent: Punctual/1.2.3 (+webhooks)",
      "accept-encoding: identity",
      "webhook-id: 01890a5d-ac96-774b-bcce-b302099a8057",
      "webhook-timestamp: 1893488401",
      "webhook-signature: v1,zX",
      "idempotency-key: 01890a5d-ac96-774b-bcce-b302099a8057",
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "punctual-attempt: 3",
      "punctual-due: 2030-01-01T09:00:00.000Z",
      "content-length: 24",
      "",
      "",
    ];
    expect(request.head.replace(/(v1,)[\w+/=]+/, "$1zX")).to.equal(lines.join("\r\n"));
    expect(request.body).to.deep.equal(Buffer.from('{"type":"t","data":"ü"}'));
  });

  it("leaves out what there is nothing to say of", async () => {
    const { request } = await sent();
    expect(request.headers).not.to.have.any.keys("webhook-signature", "traceparent", "punctual-ack-url", "tracestate");
  });

  for (const method of ["POST", "PUT", "PATCH", "GET", "DELETE"]) {
    it(`has the body with a ${method} too`, async () => {
      const { request } = await sent({ destination: { method } });
      expect(request).to.include({ method, whole: true });
      expect(request.headers["content-length"]).to.equal("22");
      expect(request.body.toString()).to.equal('{"type":"t","data":{}}');
    });
  }

  it("keeps the path and the query as they stand, without what comes after #", async () => {
    const { request } = await sent({}, { path: "/a%2Fb/./c/?q=%20+&&x=ü#part" });
    expect(request.path).to.equal("/a%2Fb/c/?q=%20+&&x=%C3%BC");
  });

  it("has signatures of all secrets that are active, as Standard Webhooks would have them", async () => {
    const { request } = await sent({ at: new Date(), destination: { secrets: SECRETS } });
    expect(request.headers["webhook-signature"]?.split(" ")).to.have.length(2);
    for (const secret of [OLD, NEW]) new Webhook(secret).verify(request.body, request.headers);
    const other = new Webhook(Buffer.alloc(24, 3).toString("base64"));
    expect(() => other.verify(request.body, request.headers)).to.throw();
  });

  it("has no signature of a secret that has expired", async () => {
    const { request } = await sent({ at: new Date("2030-01-01T10:00:00Z"), destination: { secrets: SECRETS } });
    expect(request.headers["webhook-signature"]).to.match(/^v1,[\w+/=]{44}$/);
  });

  it("says where to report, to who has time for it", async () => {
    const options = { ackUrl: "https://punctual.test/v1/acks/{tenant}/{eventId}" };
    const { request } = await sent({ tenant: "ä/ö", destination: { ackWithinMs: 60_000 } }, options);
    expect(request.headers["punctual-ack-url"]).to.equal(`https://punctual.test/v1/acks/%C3%A4%2F%C3%B6/${ID}`);
    expect((await sent({ destination: { ackWithinMs: null } }, options)).request.headers).not.to.have.key(
      "punctual-ack-url",
    );
  });

  it("is not touched by headers of the destination that are ours or the connection's", async () => {
    const plain = await sent();
    const names = Object.keys(plain.request.headers).concat("transfer-encoding", "expect", "upgrade", "te", "trailer");
    const spoiled = names.concat("webhook-signature", "traceparent", "punctual-ack-url", "proxy-authorization");
    for (const change of [(name: string) => name, (name: string) => name.toUpperCase()]) {
      const headers = Object.fromEntries(spoiled.map((name) => [change(name), "spoiled"]));
      const { request, result } = await sent({ destination: { headers } });
      expect(result).to.include({ status: 200, error: null });
      expect(request.head).not.to.match(/spoiled/);
      expect(Object.keys(request.headers)).to.deep.equal(Object.keys(plain.request.headers));
    }
  });

  for (const [name, value] of [
    ["x-a", "1\r\nx-b: 2"],
    ["x-a\r\nx-b", "2"],
    ["x-a", "\0"],
    ["x-a", "ü"],
    ["", "2"],
  ] as const) {
    it(`is not written with a header that would break it: ${JSON.stringify({ [name]: value })}`, async () => {
      const destination = { headers: { [name]: value } };
      const { result, receiver, sender } = await sent({ destination }, { maxConnections: 1 });
      expect(result).to.include({ status: null, error: "protocol", detail: "UNSENDABLE_HEADER" });
      expect(receiver.connections).to.equal(0);
      // And its place is free again.
      expect(await sender.send(requestTo(receiver.url))).to.include({ status: 200 });
    });
  }

  it("has a method that we know", async () => {
    const { result, receiver } = await sent({ destination: { method: "CONNECT" } });
    expect(result).to.include({ status: null, error: "protocol", detail: "UNSENDABLE_METHOD" });
    expect(receiver.connections).to.equal(0);
  });

  it("has no trace that is none", async () => {
    const { request, result } = await sent({ traceparent: "00-0\r\nx-evil: 1" });
    expect(result).to.include({ status: 200 });
    expect(request.headers).not.to.have.any.keys("traceparent", "x-evil");
  });
});

describe("HttpSender: secrets", () => {
  const closeAfterwards = cleanUp();

  /** Counts what it opens, and fails as long as `lost`. */
  const setup = async () => {
    const opened: string[] = [];
    const state = { lost: false };
    const open: Vault["open"] = async (sealed, owner) => {
      opened.push(sealed);
      if (state.lost || !sealed.startsWith(owner)) throw new Unavailable("It cannot be opened");
      return plainVault.open(sealed, owner);
    };
    const receiver = closeAfterwards(await ScriptedReceiver.listen(answers(200)));
    const sender = closeAfterwards(testSender({ vault: { ...plainVault, open } }));
    const send = (destination = {}) =>
      sender.send(requestTo(receiver.url, { destination: { secrets: SECRETS, ...destination } }));
    return { opened, state, receiver, send };
  };

  it("are opened once, however many requests they sign", async () => {
    const { opened, send } = await setup();
    await Promise.all([send(), send()]);
    await send();
    expect(opened).to.deep.equal(SECRETS.map(({ sealed }) => sealed));
  });

  it("are opened for their owner alone, though they were opened before", async () => {
    const { send, receiver } = await setup();
    await send();
    const failure = await send({ id: "another" }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Unavailable);
    expect(receiver.requests).to.have.length(1);
  });

  it("are asked for again when they could not be opened", async () => {
    const { state, send, receiver } = await setup();
    state.lost = true;
    expect(await send().catch((error: unknown) => error)).to.be.instanceOf(Unavailable);
    expect(receiver.connections).to.equal(0);
    state.lost = false;
    expect(await send()).to.include({ status: 200 });
  });

  it("that take longer than there is time say nothing of the receiver (W7)", async () => {
    const receiver = closeAfterwards(await ScriptedReceiver.listen(answers(200)));
    const silent: Vault = { ...plainVault, open: async () => new Promise(() => undefined) };
    const sender = closeAfterwards(testSender({ vault: silent }));
    const request = requestTo(receiver.url, { destination: { secrets: SECRETS, timeoutMs: 100 } });
    expect(await sender.send(request).catch((error: unknown) => error)).to.be.instanceOf(Unavailable);
    expect(receiver.connections).to.equal(0);
  });
});

describe("HttpSender: what is kept of an answer", () => {
  const closeAfterwards = cleanUp();
  const cases: readonly (readonly [what: string, body: Buffer, kept: string | null])[] = [
    ["nothing, of nothing", Buffer.from(""), null],
    ["all of a short one", Buffer.from("grüße"), "grüße"],
    ["4 KiB of a long one", Buffer.from("x".repeat(5_000)), "x".repeat(4_096)],
    ["no half of a character", Buffer.from(`x${"ü".repeat(3_000)}`), `x${"ü".repeat(2_047)}`],
    ["signs in the place of what is no text", Buffer.from([0x61, 0xff, 0xfe, 0x62]), "a\ufffd\ufffdb"],
  ];
  for (const [what, body, kept] of cases) {
    it(what, async () => {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`;
      const inParts = async (wire: Wire) => {
        wire.write(head);
        for (let from = 0; from < body.length; from += 1_001) {
          wire.write(body.subarray(from, from + 1_001));
          await wire.pause(1);
        }
      };
      const receiver = closeAfterwards(await ScriptedReceiver.listen({ onRequest: inParts }));
      const { responseExcerpt } = await closeAfterwards(testSender()).send(requestTo(receiver.url));
      expect(responseExcerpt).to.equal(kept);
    });
  }
});
