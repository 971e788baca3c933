/*
 * How much memory hostile answers cost: `node --expose-gc hostile.js` prints one line of JSON, in which `grownMb` is by how
 * much a thousand of them need more than the thousand before, and `keptMb` what is left of them. The receiver is a process
 * of its own, so that what it needs is not counted.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { type Script, ScriptedReceiver } from "./scripted-receiver.js";
import { bomb, says, saysAnd, saysAndResets } from "./scripts.js";
import { requestTo, testSender } from "./sender.js";

const ANSWERS = 1_000;
const AT_ONCE = 10;
const CHUNKED = ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "", ""];

const hostile: readonly Script[] = [
  saysAnd(["HTTP/1.1 200 OK", "", ""], (wire) => wire.flood("without end ")),
  saysAnd(CHUNKED, (wire) => wire.flood("5\r\nhello\r\n")),
  saysAnd([...CHUNKED.slice(0, 3), "5;"], (wire) => wire.flood("without end ")),
  saysAnd(["HTTP/1.1 200 OK", "content-encoding: gzip", "", ""], (wire) => (wire.write(bomb()), wire.end())),
  saysAnd(["HTTP/1.1 200 OK", ""], (wire) => wire.flood("x: y\r\n")),
  saysAnd(["HTTP/1.1 200 "], (wire) => wire.flood("without end ")),
  saysAnd([], (wire) => wire.flood("HTTP/1.1 103 Early\r\n\r\n")),
  says("HTTP/1.1 200 OK", `x: ${"x".repeat(100_000)}`, "", ""),
  says("HTTP/1.1 200 OK", "content-length: 10000000", "", "x".repeat(10_000_000)),
  says("HTTP/1.1 200 OK", "content-length: 100", "", "half"),
  saysAnd(["HTTP/1.1 200 OK", "", ""], (wire) => wire.drip("x".repeat(100), 10)),
  saysAndResets("HTTP/1.1 200 OK", "content-length: 100", "", "half"),
  saysAndResets(),
];

async function beHostile(): Promise<void> {
  const receiver = await ScriptedReceiver.listen({
    onRequest: (wire, request) => hostile[request.nth % hostile.length]?.onRequest?.(wire, request),
  });
  process.once("disconnect", () => process.exit());
  process.send?.(receiver.url);
}

/** In MB: the most that the process has ever had, and what is in use of it now. */
function memory(): { readonly peakMb: number; readonly usedMb: number } {
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { peakMb: process.resourceUsage().maxRSS / 2 ** 10, usedMb: (heapUsed + external) / 2 ** 20 };
}

async function measure(): Promise<void> {
  const receiver = fork(import.meta.filename, ["receiver"]);
  const [url] = (await once(receiver, "message")) as [string];
  const sender = testSender();
  const outcomes: Record<string, number> = {};
  const send = async (count: number) => {
    const one = async () => {
      while (count-- > 0) {
        const { status, error } = await sender.send(requestTo(url, { destination: { timeoutMs: 250 } }));
        const outcome = String(status ?? error);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  };

  // Until everything is compiled, and there is room for the garbage of so many at once.
  await send(ANSWERS);
  const before = memory();
  for (const outcome of Object.keys(outcomes)) delete outcomes[outcome];
  await send(ANSWERS);
  const after = memory();
  const rounded = (mb: number) => Math.round(mb * 10) / 10;
  const [grownMb, keptMb] = [after.peakMb - before.peakMb, after.usedMb - before.usedMb].map(rounded);
  console.log(JSON.stringify({ hostile: ANSWERS, grownMb, keptMb, outcomes }));
  receiver.disconnect();
  await sender.close();
}

await (process.argv[2] === "receiver" ? beHostile() : measure());
