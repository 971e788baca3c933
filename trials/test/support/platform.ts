import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = new URL("../../../../", import.meta.url);
const PROGRAM = fileURLToPath(new URL("apps/standalone/dist/src/main.js", root));

export interface Ended {
  readonly code: number | null;
  /** What it printed, line by line. */
  readonly lines: readonly string[];
  readonly err: string;
}

type Variables = Readonly<Record<string, string>>;

/** The platform as `npm start` runs it, but that nothing is kept where no database is given. */
export async function startPlatform(env: Variables = {}): Promise<{ readonly url: string; end(): Promise<void> }> {
  const args = [PROGRAM, ...("PUNCTUAL_DATABASE_URL" in env ? [] : ["--memory"])];
  const child = spawn(process.execPath, args, { env: { PUNCTUAL_PORT: "0", ...env }, stdio: "pipe" });
  const url = await saidBy(child, /(?:is ready after .*?: |"url":")(http:[^\s"]+)/);
  const end = async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return { url, end };
}

async function saidBy(child: ChildProcess, what: RegExp): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const found = what.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once("exit", () => reject(new Error(`It ended: ${said}`)));
  });
}

/** The program as a user runs it; `meanwhile` is told each line. */
export async function visit(
  name: "smoke" | "e2e",
  args: readonly string[],
  { env = {}, meanwhile }: { readonly env?: Variables; meanwhile?(line: string, child: ChildProcess): void } = {},
): Promise<Ended> {
  const path = fileURLToPath(new URL(`trials/dist/src/${name}/main.js`, root));
  const child = spawn(process.execPath, [path, ...args], { env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [out, err, told] = ["", "", 0];
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    const whole = out.split("\n").slice(0, -1);
    for (; told < whole.length; told++) meanwhile?.(whole[told] ?? "", child);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, lines: out.trimEnd().split("\n"), err };
}

export interface Passed {
  readonly status: number;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Otherwise {
  /** In place of asking it. */
  readonly instead?: (asked: string) => Passed | undefined;
  /** What is told of its answer. */
  readonly otherwise?: (asked: string, answer: Passed) => Passed;
}

/** Stands before a platform, and answers otherwise where it is told to. */
export async function proxyBefore(
  url: string,
  { instead = () => undefined, otherwise = (_, answer) => answer }: Otherwise,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const asked = `${String(request.method)} ${String(request.url)}`;
    const pass = async () => {
      const sent = await buffer(request);
      const { status, body, headers = {} } = instead(asked) ?? otherwise(asked, await passedOn(url, request, sent));
      response.writeHead(status, headers).end(body);
    };
    pass().catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

async function passedOn(url: string, request: IncomingMessage, sent: Buffer): Promise<Passed> {
  const answer = await fetch(`${url}${String(request.url)}`, {
    method: String(request.method),
    headers: without(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    ...(sent.length > 0 && { body: new Uint8Array(sent) }),
  });
  const body = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, body, headers: without([...answer.headers]) };
}

/** What is said of one connection is not for the next. */
function without(headers: readonly (readonly [string, string])[]): Record<string, string> {
  const own = /^(?:host|connection|keep-alive|content-length|content-encoding|transfer-encoding|expect|date)$/;
  return Object.fromEntries(headers.filter(([name]) => !own.test(name)));
}
