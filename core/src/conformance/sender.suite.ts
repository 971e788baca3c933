import { expect } from "chai";
import { type Destination, DESTINATION_DEFAULTS, type SigningSecret } from "../destinations/destination.js";
import { Unavailable } from "../errors.js";
import type { OutgoingRequest, Sender, SendResult } from "../ports/sender.js";
import { given, type Passing, settled } from "./passing.js";

/** How a receiver treats each request that it gets. */
export type ReceiverScript =
  | { readonly kind: "answers"; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | { readonly kind: "answers_late"; readonly status: number; readonly afterMs: number }
  /** Takes the request and says nothing, ever. */
  | { readonly kind: "silent" }
  /** Begins an answer, and never ends its body. */
  | { readonly kind: "stalls"; readonly status: number }
  /** Takes the request and breaks the connection. */
  | { readonly kind: "breaks" }
  /** Begins an answer, and breaks the connection in the middle of its body. */
  | { readonly kind: "breaks_midway"; readonly status: number }
  /** Answers what is not HTTP, or whatever makes no sense to this kind of destination. */
  | { readonly kind: "babbles" }
  | { readonly kind: "redirects"; readonly status: 301 | 302 | 303 | 307 | 308; readonly to: string };

export interface ScriptedReceiver {
  readonly url: string;
  /** Every request that came in, as far as it came. */
  readonly requests: readonly { readonly id: string; readonly body: string }[];
}

export interface SenderHarness {
  open(): Promise<OpenSender>;
  close(): Promise<void>;
  /** Whether a receiver of this kind can point elsewhere. */
  readonly redirects: boolean;
  /** Whether there are receivers that it may not call: then `open` gives `guarded`. */
  readonly guards: boolean;
  /** Whether it signs what it sends: then `open` gives `signing`. */
  readonly signs: boolean;
}

export interface OpenSender extends Passing {
  readonly sender: Sender;
  monotonic(): number;
  receiver(script: ReceiverScript): Promise<ScriptedReceiver>;
  /** A URL at which nobody listens. */
  nowhere(): Promise<string>;
  readonly guarded?: {
    /** One that would answer, if it were called. */
    forbidden(): Promise<ScriptedReceiver>;
    /** A URL whose host cannot be looked up. */
    readonly unknown: string;
  };
  readonly signing?: {
    secretFor(destinationId: string): Promise<SigningSecret>;
    /** From now on no secret can be opened that was not before; or again. */
    lose(lost: boolean): void;
  };
}

const TIMEOUT_MS = 400;

export function describeSender(adapter: string, harness: SenderHarness): void {
  const pointing = given(harness.redirects, "its receivers do not redirect");
  const guarding = given(harness.guards, "it may call whatever it likes");
  const signing = given(harness.signs, "it does not sign");

  describe(`${adapter} as a Sender`, () => {
    let open: OpenSender;

    beforeEach(async () => {
      open = await harness.open();
    });
    afterEach(() => harness.close());

    const request = (url: string, of: { timeoutMs?: number; id?: string; body?: string } = {}): OutgoingRequest => {
      const { timeoutMs = 5_000, id = "01890a5d-ac96-774b-bcce-b302099a8057", body = `{"type":"t","data":{}}` } = of;
      const destination = { ...DESTINATION, kind: open.sender.kind, url, timeoutMs };
      const [dueAt, at] = [new Date("2030-01-01T09:00:00Z"), new Date("2030-01-01T09:00:01Z")];
      return { id, tenant: "main", attempt: 1, dueAt, at, destination, body };
    };
    const send = async (outgoing: OutgoingRequest, signal?: AbortSignal): Promise<SendResult> => {
      const within = outgoing.destination.timeoutMs + 2 * open.patienceMs;
      const result = await settled("the answer", open.sender.send(outgoing, signal), open, within);
      expectWhole(result);
      return result;
    };
    const sendTo = async (script: ReceiverScript, of: Parameters<typeof request>[1] = {}) => {
      const receiver = await open.receiver(script);
      return { receiver, result: await send(request(receiver.url, of)) };
    };

    for (const status of [200, 202, 204, 400, 404, 408, 410, 418, 425, 429, 500, 503]) {
      it(`answers a status of ${status} (W1)`, async () => {
        const { result } = await sendTo({ kind: "answers", status });
        expect(result).to.include({ status, error: null, retryAfter: null });
      });
    }

    it("answers Retry-After as it came (W1)", async () => {
      for (const retryAfter of ["120", "Wed, 21 Oct 2015 07:28:00 GMT", "soon, perhaps"]) {
        const { result } = await sendTo({ kind: "answers", status: 503, retryAfter });
        expect(result).to.include({ status: 503, retryAfter });
      }
    });

    it("answers the beginning of the receiver's words (W1)", async () => {
      const short = await sendTo({ kind: "answers", status: 500, body: "no such table: greetings ü" });
      expect(short.result.responseExcerpt).to.equal("no such table: greetings ü");
      const long = await sendTo({ kind: "answers", status: 200, body: "x".repeat(1_000_000) });
      expect(long.result).to.include({ status: 200, error: null });
      expect(long.result.responseExcerpt).to.match(/^x{1,4096}$/);
    });

    for (const kind of ["breaks", "babbles"] as const) {
      it(`answers an error where the receiver ${kind} (W1)`, async () => {
        const { result } = await sendTo({ kind });
        expect(result.error).to.be.oneOf(["reset", "protocol"]);
      });
    }

    it("answers an error where the answer breaks off (W1)", async () => {
      const { result } = await sendTo({ kind: "breaks_midway", status: 200 });
      expect(result.error).to.be.oneOf(["reset", "protocol"]);
    });

    it("answers an error where nobody listens, or the address makes no sense (W1)", async () => {
      const away = await send(request(await open.nowhere()));
      expect(away.error).to.be.oneOf(["connect", "dns"]);
      for (const url of ["", "no url", "http://", "http://[", "nothing://a/b"]) {
        expect((await send(request(url))).status, url).to.equal(null);
      }
    });

    it("answers each of many requests at once with its own result (W1)", async () => {
      const scripts = Array.from({ length: 20 }, (_, index): ReceiverScript => {
        return index % 5 === 4 ? { kind: "breaks" } : { kind: "answers", status: 200 + index };
      });
      const results = await Promise.all(scripts.map((script) => sendTo(script)));
      const expected = scripts.map((script) => (script.kind === "answers" ? script.status : null));
      expect(results.map(({ result }) => result.status)).to.deep.equal(expected);
    });

    it("tells how long it took (W1)", async () => {
      const { result } = await sendTo({ kind: "answers_late", status: 200, afterMs: 150 });
      expect(result).to.include({ status: 200, error: null });
      expect(result.durationMs).to.be.within(140, 150 + open.patienceMs);
    });

    for (const script of [
      { kind: "silent" },
      { kind: "answers_late", status: 200, afterMs: 4 * TIMEOUT_MS },
      { kind: "stalls", status: 200 },
    ] as const) {
      it(`ends within the timeout where the receiver's answer is ${WORDS[script.kind]} (W2)`, async () => {
        const from = open.monotonic();
        const { result } = await sendTo(script, { timeoutMs: TIMEOUT_MS });
        expect(result).to.include({ status: null, error: "timeout" });
        expect(open.monotonic() - from, "took").to.be.at.most(TIMEOUT_MS + open.patienceMs);
        expect(result.durationMs, "says that it took").to.be.within(TIMEOUT_MS - 10, TIMEOUT_MS + open.patienceMs);
      });
    }

    it("gives the receiver the whole of its timeout (W2)", async () => {
      const afterMs = 3 * open.patienceMs;
      const { result } = await sendTo(
        { kind: "answers_late", status: 200, afterMs },
        { timeoutMs: afterMs + 2 * open.patienceMs },
      );
      expect(result).to.include({ status: 200, error: null });
    });

    it("sends exactly the given body under the given id (W3)", async () => {
      const receiver = await open.receiver({ kind: "answers", status: 200 });
      const bodies = [
        `{"type":"t","data":{ "a" : 1.0, "a": 1e400,\n"b":[ ] }}`,
        `{"type":"t","data":"ü 😀 \u2028 \\u0000 \\ud800"}`,
        `"${"ü".repeat(130_000)}"`,
        `{}`,
      ];
      const ids = bodies.map((_, index) => `01890a5d-ac96-774b-bcce-b302099a805${index}`);
      for (const [index, body] of bodies.entries()) await send(request(receiver.url, { id: ids[index] ?? "", body }));
      expect(receiver.requests).to.deep.equal(bodies.map((body, index) => ({ id: ids[index], body })));
    });

    it("keeps the bodies of requests at one time apart (W3)", async () => {
      const receiver = await open.receiver({ kind: "answers_late", status: 200, afterMs: 20 });
      const sent = Array.from({ length: 10 }, (_, index) => ({ id: `id-${index}`, body: `{"data":${index}}` }));
      await Promise.all(sent.map((one) => send(request(receiver.url, one))));
      expect([...receiver.requests].sort((one, other) => (one.id < other.id ? -1 : 1))).to.deep.equal(sent);
    });

    pointing("follows no redirect (W4)", async () => {
      for (const status of [301, 302, 303, 307, 308] as const) {
        const other = await open.receiver({ kind: "answers", status: 200 });
        const { receiver, result } = await sendTo({ kind: "redirects", status, to: other.url });
        expect(result).to.include({ status, error: null });
        expect(receiver.requests, `${status}: requests`).to.have.length(1);
        expect(other.requests, `${status}: requests where it points`).to.deep.equal([]);
      }
    });

    for (const script of [
      { kind: "answers", status: 503, retryAfter: "0" },
      { kind: "answers", status: 429 },
      { kind: "answers", status: 408 },
      { kind: "breaks" },
      { kind: "breaks_midway", status: 200 },
      { kind: "babbles" },
      { kind: "silent" },
    ] as const satisfies readonly ReceiverScript[]) {
      const does = script.kind === "answers" ? `answers ${script.status}` : DOES[script.kind];
      it(`makes one request where the receiver ${does} (W4)`, async () => {
        const { receiver } = await sendTo(script, { timeoutMs: TIMEOUT_MS });
        await open.pass(open.patienceMs);
        expect(receiver.requests).to.have.length(1);
      });
    }

    for (const script of [{ kind: "silent" }, { kind: "stalls", status: 200 }] as const) {
      it(`ends at once when it is aborted while the answer is ${WORDS[script.kind]} (W5)`, async () => {
        const receiver = await open.receiver(script);
        const stop = new AbortController();
        const sending = open.sender.send(request(receiver.url, { timeoutMs: 60_000 }), stop.signal);
        await open.pass(open.patienceMs);
        stop.abort();
        const result = await settled("the answer", sending, open, open.patienceMs);
        expectWhole(result);
        expect(result).to.include({ status: null, error: "timeout" });
      });
    }

    it("gives timeout when it was aborted before (W5)", async () => {
      const receiver = await open.receiver({ kind: "silent" });
      const result = await send(request(receiver.url), AbortSignal.abort(new Error("stopping")));
      expect(result).to.include({ status: null, error: "timeout" });
    });

    it("objects to no receiver that it can call (W6)", async () => {
      const { receiver, result } = await sendTo({ kind: "answers", status: 200 });
      expect(result).to.include({ status: 200, error: null });
      expect(await open.sender.objection(receiver.url)).to.equal(null);
    });

    guarding("sends nothing to what it objects to, and says why in the same word (W6)", async () => {
      const receiver = await open.guarded?.forbidden();
      const url = receiver?.url ?? "";
      const objection = await open.sender.objection(url);
      expect(objection?.code).to.be.a("string");
      expect(objection?.message).to.be.a("string").and.not.equal("");
      for (let time = 0; time < 2; time++) {
        const result = await send(request(url));
        expect(result).to.include({ status: null, error: "blocked_address", detail: objection?.code });
        expect(result.responseExcerpt).to.equal(null);
      }
      expect(receiver?.requests).to.deep.equal([]);
    });

    guarding("does not object to what cannot be looked up (W6)", async () => {
      const url = open.guarded?.unknown ?? "";
      expect(await open.sender.objection(url)).to.equal(null);
      expect((await send(request(url))).error).to.be.oneOf(["dns", "connect"]);
    });

    signing("throws unavailable, and sends nothing, where a secret cannot be opened (W7)", async () => {
      const receiver = await open.receiver({ kind: "answers", status: 200 });
      const outgoing = request(receiver.url);
      const secret = await open.signing?.secretFor(outgoing.destination.id);
      const signed = { ...outgoing, destination: { ...outgoing.destination, secrets: secret ? [secret] : [] } };

      open.signing?.lose(true);
      const failure: unknown = await settled("it", open.sender.send(signed).catch(asItIs), open, open.patienceMs);
      expect(failure).to.be.instanceOf(Unavailable);
      expect(receiver.requests).to.deep.equal([]);

      open.signing?.lose(false);
      expect(await send(signed)).to.include({ status: 200, error: null });
      expect(receiver.requests).to.have.length(1);
    });
  });
}

const asItIs = (error: unknown) => error;

const DOES = { breaks: "breaks", breaks_midway: "breaks midway", babbles: "babbles", silent: "is silent" } as const;
const WORDS = { silent: "never sent", answers_late: "late", stalls: "never whole" } as const;

const DESTINATION: Destination = {
  id: "01890a5d-ac96-774b-bcce-b302099a8099",
  tenant: "main",
  ...DESTINATION_DEFAULTS,
  url: "",
  headers: {},
  ratePerSecond: null,
  concurrency: null,
  ackWithinMs: null,
  secrets: [],
  enabled: true,
  disabledBecause: null,
  inline: false,
  revision: 1,
  createdAt: new Date("2030-01-01T00:00:00Z"),
  updatedAt: new Date("2030-01-01T00:00:00Z"),
};

/** A status or an error, and a time for it. */
function expectWhole({ durationMs, status, error }: SendResult): void {
  expect(durationMs, "durationMs").to.be.within(0, 3_600_000);
  expect((status === null) !== (error === null), `status ${status} with error ${error}`).to.equal(true);
}
