import { expect } from "chai";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Webhook } from "standardwebhooks";
import { cases, type Message } from "./cases.js";

/** The examples in docs/receivers, as users would run them. */
interface Example {
  readonly language: string;
  /** Why this machine cannot run it; null if it can. */
  readonly lack: string | null;
  readonly command: readonly string[];
  /** What makes the command, where something has to. */
  readonly build?: readonly string[];
  /** Java's library has nothing for it. */
  readonly readsJson: boolean;
}

const docs = join(projectRoot(process.cwd()), "docs", "receivers");
const scratch = join(tmpdir(), `punctual-receivers-${process.pid}`);
const goProgram = join(scratch, "receiver");

const examples: readonly Example[] = [
  {
    language: "JavaScript",
    lack: null,
    command: [process.execPath, join(docs, "javascript", "receiver.mjs")],
    readsJson: true,
  },
  {
    language: "Python",
    lack: older(["python3", "--version"], [3, 9]),
    command: ["python3", join(docs, "python", "receiver.py")],
    readsJson: true,
  },
  {
    language: "Java",
    lack: older(["java", "--describe-module", "jdk.compiler"], [17, 0]),
    command: ["java", join(docs, "java", "Receiver.java")],
    readsJson: false,
  },
  {
    language: "Go",
    lack: older(["go", "version"], [1, 16]),
    build: ["go", "build", "-o", goProgram, join(docs, "go", "receiver.go")],
    command: [goProgram],
    readsJson: true,
  },
];

describe("The examples of receivers", () => {
  before(() => mkdir(scratch));
  after(() => rm(scratch, { recursive: true }));

  for (const example of examples) {
    const skip = example.lack === null ? "" : ` (skipped: ${example.lack})`;

    describe(`in ${example.language}${skip}`, function () {
      this.timeout(60_000);
      if (example.lack !== null) return void it("tell genuine messages from others");

      let answers: readonly string[];
      before(() => {
        if (example.build !== undefined) run(example.build);
        answers = run([...example.command, "--check"], cases.map(asLine).join(""))
          .trim()
          .split(/\r?\n/);
      });

      cases.forEach(({ title, genuine }, index) => {
        it(`${genuine ? "take" : "refuse"} ${title}`, () => {
          expect(answers[index]).to.equal(genuine ? "ok" : "no");
        });
      });

      it("answer each line once", () => {
        expect(answers).to.have.length(cases.length);
      });

      it("receive over HTTP what is genuine, and nothing else", async () => {
        const secret = newSecret();
        const server = await start(example.command, secret);
        try {
          const body = '{"type":"birthday.greeting","timestamp":"2030-01-01T11:00:00Z","data":{"name":"Zoë"}}';
          const genuine = headersOf(secret, body);
          const rotating = { ...genuine, "webhook-signature": `v1,AAAA ${genuine["webhook-signature"]}` };

          expect(await post(server.url, genuine, body)).to.equal(204);
          expect(await post(server.url, rotating, body)).to.equal(204);
          expect(await post(server.url, genuine, body.replace("Zoë", "Eve"))).to.equal(401);
          expect(await post(server.url, headersOf(newSecret(), body), body)).to.equal(401);
          for (const missing of Object.keys(genuine)) {
            const rest = Object.fromEntries(Object.entries(genuine).filter(([name]) => name !== missing));
            expect(await post(server.url, rest, body), `without ${missing}`).to.equal(401);
          }
        } finally {
          await server.stop();
        }
      });

      if (example.readsJson) {
        it("answer 500 where the work fails, so that the event comes again", async () => {
          const secret = newSecret();
          const server = await start(example.command, secret);
          try {
            expect(await post(server.url, headersOf(secret, "no JSON"), "no JSON")).to.equal(500);
          } finally {
            await server.stop();
          }
        });
      }

      for (const unusable of ["", "whsec_", "whsec_***"]) {
        it(`do not start with the secret "${unusable}"`, async () => {
          const failure = await start(example.command, unusable).then(
            async (server) => void (await server.stop()),
            (error: unknown) => error,
          );
          expect(failure).to.be.an("error");
        });
      }
    });
  }

  it("are asked about what `standardwebhooks` says too", () => {
    for (const { title, genuine } of cases.filter(({ ours }) => ours === undefined).map(byLibrary)) {
      const expected = cases.find((one) => one.title === title)?.genuine;
      expect(genuine, title).to.equal(expected);
    }
  });
});

describe("The page on receivers", () => {
  before(() => mkdir(scratch));
  after(() => rm(scratch, { recursive: true }));

  it("shows a request that is genuine", async () => {
    const [, head = "", body = ""] = /^```http\n([^]*?)\n\n([^]*?)\n```/m.exec(await page()) ?? [];
    const headers = Object.fromEntries(head.split("\n").map((line) => line.split(": ", 2) as [string, string]));
    const [, secret = ""] = /`(whsec_[^`]+)`/.exec(await page()) ?? [];
    const message = { title: "", secret, body: Buffer.from(body), now: Number(headers["webhook-timestamp"]) };
    const { "webhook-id": id = "", "webhook-timestamp": timestamp = "", "webhook-signature": signature = "" } = headers;

    expect(byLibrary({ ...message, id, timestamp, signature }).genuine).to.be.true;
  });

  it("links to files that exist", async () => {
    const links = [...(await page()).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? "");

    expect(links.filter((path) => /receiver/i.test(path))).to.have.length.at.least(4);
    expect(links.filter((path) => !existsSync(join(docs, path)))).to.deep.equal([]);
  });

  it("shows how the outcome is reported, in code that runs", async () => {
    const { report, received, close } = await reporting();
    try {
      const secret = newSecret();
      const headers = { "webhook-id": "a-1", "punctual-attempt": "3", "punctual-ack-url": `${received.origin}/ack` };

      await report(secret, headers, { outcome: "nack", retry: true });

      expect(received.path).to.equal("/ack");
      expect(received.headers).to.include({ "webhook-id": "a-1", "content-type": "application/json" });
      expect(new Webhook(secret).verify(received.body, received.headers)).to.deep.equal({
        ...{ attempt: 3, outcome: "nack", retry: true },
      });
    } finally {
      close();
    }
  });

  it("reports to no other place than Punctual", async () => {
    const { report, received, close } = await reporting();
    try {
      const headers = { "webhook-id": "a-1", "punctual-attempt": "3", "punctual-ack-url": "http://localhost:1/ack" };
      const failure = await report(newSecret(), headers, { outcome: "ack" }).catch((error: unknown) => error);

      expect(String(failure)).to.contain("http://localhost:1");
      expect(received.path).to.equal("");
    } finally {
      close();
    }
  });
});

/** Tests run from the project's root or from a workspace. */
function projectRoot(folder: string): string {
  if (existsSync(join(folder, "docs", "receivers"))) return folder;
  if (dirname(folder) === folder) throw new Error("No folder above this one has docs/receivers");
  return projectRoot(dirname(folder));
}

function older([command = "", ...args]: readonly string[], [major, minor]: readonly [number, number]): string | null {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  const found = status === 0 ? /(\d+)(?:\.(\d+))?/.exec(stdout) : null;
  if (found === null) return `no ${command}`;
  const [, foundMajor, foundMinor = "0"] = found.map(String);
  const enough = Number(foundMajor) > major || (Number(foundMajor) === major && Number(foundMinor) >= minor);
  return enough ? null : `${command} ${found[0]} is older than ${major}.${minor}`;
}

function run([command = "", ...args]: readonly string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", input, maxBuffer: 2 ** 24 });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`, { cause: error });
  return stdout;
}

function asLine({ secret, id, timestamp, signature, body, now }: Message): string {
  const fields = [secret, id, timestamp, signature, body, String(now)];
  return `${fields.map((field) => Buffer.from(field as string).toString("base64")).join("\t")}\n`;
}

/** The library reads the clock itself, so the clock is set for the length of the call. */
function byLibrary({ title, secret, id, timestamp, signature, body, now }: Message & { readonly title: string }) {
  const realNow = Date.now;
  Date.now = () => now * 1_000;
  try {
    const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
    new Webhook(secret).verify(body.toString(), headers, { jsonParse: false });
    return { title, genuine: true };
  } catch {
    return { title, genuine: false };
  } finally {
    Date.now = realNow;
  }
}

function newSecret(): string {
  return `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
}

function headersOf(secret: string, body: string) {
  const at = new Date();
  const id = "5e1b9c7e-6f0f-5a53-9d0e-4d8f6c2b7a10";
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
    "webhook-signature": new Webhook(secret).sign(id, at, body),
  };
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Starts an example on a free port, and waits until it says where. */
async function start([command = "", ...args]: readonly string[], secret: string) {
  const server = spawn(command, args, { env: { ...process.env, WEBHOOK_SECRET: secret, PORT: "0" } });
  let complaint = "";
  server.stderr.on("data", (chunk) => (complaint += String(chunk)));
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    server.stdout.resume();
    if (url !== undefined) return { url, stop: () => ended(server) };
  }
  throw new Error(`The example did not start: ${complaint}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.once("exit", () => resolve());
  server.kill();
  await promise;
}

function page(): Promise<string> {
  return readFile(join(docs, "README.md"), "utf8");
}

type Report = (
  secret: string,
  headers: Record<string, string>,
  outcome: { outcome: "ack" | "nack"; retry?: boolean; note?: string },
) => Promise<void>;

/** The page's code for reports, and a Punctual that they reach. */
async function reporting() {
  const code = /^```js\n([^]*?)^```/m.exec(await page())?.[1] ?? "";
  const folder = await mkdtemp(join(scratch, "report-"));
  await mkdir(join(folder, "javascript"));
  await copyFile(join(docs, "javascript", "receiver.mjs"), join(folder, "javascript", "receiver.mjs"));

  const received = { origin: "", path: "", headers: {} as Record<string, string>, body: "" };
  const punctual = createServer((request, response) => {
    received.path = request.url ?? "";
    received.headers = request.headers as Record<string, string>;
    request.on("data", (chunk) => (received.body += String(chunk)));
    request.on("end", () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => punctual.listen(0, "127.0.0.1", resolve));
  punctual.unref();
  received.origin = `http://127.0.0.1:${(punctual.address() as AddressInfo).port}`;

  await writeFile(join(folder, "report.mjs"), code.replace("https://punctual.example.com", received.origin));
  const { report } = (await import(pathToFileURL(join(folder, "report.mjs")).href)) as { report: Report };
  const close = () => {
    punctual.close();
    punctual.closeAllConnections();
  };
  return { report, received, close };
}
