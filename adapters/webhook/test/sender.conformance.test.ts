import { Unavailable } from "@punctual/core";
import { describeSender, type ReceiverScript, type SenderHarness } from "@punctual/core/conformance";
// eslint-disable-next-line punctual/no-computed-delay -- no test waits for weeks
import { setTimeout as sleep } from "node:timers/promises";
import type { Resolve } from "../src/guard/resolve.js";
import { VALID } from "./support/certificate.js";
import { type Script, ScriptedReceiver } from "./support/scripted-receiver.js";
import { answers, says, saysAnd, saysAndResets } from "./support/scripts.js";
import { plainVault, testSender } from "./support/sender.js";

describeSender("HttpSender", harness("http"));
describeSender("HttpSender over TLS", harness("https"));

const UNKNOWN = "unknown.test";

function harness(scheme: "http" | "https"): SenderHarness {
  const closing: (() => Promise<void>)[] = [];
  const listen = async (script: ReceiverScript, host: string) => {
    const receiver = await ScriptedReceiver.listen(scriptFor(script), scheme === "https" ? { secure: VALID } : {});
    closing.push(() => receiver.close());
    return {
      url: receiver.urlAt(host),
      get requests() {
        return receiver.requests.map(({ headers, body }) => ({
          id: headers["webhook-id"] ?? "",
          body: body.toString("utf8"),
        }));
      },
    };
  };
  return {
    redirects: true,
    guards: true,
    signs: true,
    open: async () => {
      let lost = false;
      const sender = testSender({
        resolve,
        vault: {
          ...plainVault,
          open: async (...all) => {
            if (lost) throw new Unavailable("The key service is away");
            return plainVault.open(...all);
          },
        },
      });
      closing.push(() => sender.close());
      return {
        sender,
        pass: (ms) => sleep(ms),
        patienceMs: 200,
        monotonic: () => performance.now(),
        receiver: (script) => listen(script, "receiver.test"),
        nowhere: async () => {
          const receiver = await ScriptedReceiver.listen();
          await receiver.close();
          return `${scheme}://receiver.test:${receiver.port}/`;
        },
        guarded: {
          forbidden: () => listen({ kind: "answers", status: 200 }, "inside.test"),
          unknown: `${scheme}://${UNKNOWN}/`,
        },
        signing: {
          secretFor: async (owner) => {
            const sealed = await plainVault.seal(`whsec_${Buffer.alloc(24, 7).toString("base64")}`, owner);
            return { id: "secret", sealed, createdAt: new Date(0), expiresAt: null };
          },
          lose: (isLost) => void (lost = isLost),
        },
      };
    },
    close: async () => void (await Promise.all(closing.splice(0).map((close) => close()))),
  };
}

/** Both lead to this machine, but one by an address that may not be called. */
const resolve: Resolve = async (host) => {
  if (host === UNKNOWN) throw Object.assign(new Error("No such name"), { code: "ENOTFOUND" });
  return [{ address: host === "inside.test" ? "127.0.0.2" : "127.0.0.1", family: 4 }];
};

function scriptFor(script: ReceiverScript): Script {
  switch (script.kind) {
    case "answers":
      return answer(script);
    case "answers_late":
      return saysAnd([], async (wire) => {
        await wire.pause(script.afterMs);
        wire.write(`HTTP/1.1 ${script.status} Late\r\ncontent-length: 0\r\n\r\n`);
      });
    case "silent":
      return {};
    case "stalls":
      return says(`HTTP/1.1 ${script.status} Stalls`, "content-length: 10", "", "half");
    case "breaks":
      return saysAndResets();
    case "breaks_midway":
      return saysAndResets(`HTTP/1.1 ${script.status} Breaks`, "content-length: 10", "", "half");
    case "babbles":
      return says("220 mail.test ESMTP", "");
    case "redirects":
      return answers(script.status, `location: ${script.to}`);
  }
}

function answer({ status, retryAfter, body = "" }: Extract<ReceiverScript, { kind: "answers" }>): Script {
  const bytes = Buffer.from(status === 204 ? "" : body).toString("latin1");
  const headers = retryAfter === undefined ? [] : [`retry-after: ${retryAfter}`];
  return says(`HTTP/1.1 ${status} Answer`, ...headers, `content-length: ${bytes.length}`, "", bytes);
}
