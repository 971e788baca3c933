import { expect } from "chai";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../src/main.js", import.meta.url));

export interface Started {
  /** Where it listens; what it ended with, if it did not get so far. */
  readonly url: string;
  readonly ended: Promise<number | null>;
  /** All that it has printed. */
  said(): string;
  /** By SIGTERM; its exit code. */
  end(): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** The program as a user starts it, with a folder of its own. */
export class Program {
  readonly folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Program> {
    const folder = await mkdtemp(join(tmpdir(), "punctual-start-"));
    await chmod(folder, 0o711); // as root the database runs as another user
    return new Program(folder);
  }

  async start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Started> {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { PUNCTUAL_DATA: join(this.folder, "data"), PUNCTUAL_PORT: "0", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#children.push(child);
    const ended = once(child, "exit").then(([code]) => code as number | null);
    let said = "";
    const url = new Promise<string>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          const found = /(?:is ready after .*?: |"url":")(http:[^\s"]+)/.exec(said)?.[1];
          if (found !== undefined) resolve(found);
        });
      }
    });
    const first = await Promise.race([url, ended]);
    const kill = (signal: NodeJS.Signals) => void child.kill(signal);
    const end = () => {
      kill("SIGTERM");
      return ended;
    };
    return { url: String(first), ended, said: () => said, end, kill };
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end && !(await holds());) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await holds()).to.equal(true);
}

/** Asks, and expects a good answer. */
export async function ask(
  method: string,
  url: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.status, text).to.be.within(200, 299);
  return (text === "" ? {} : JSON.parse(text)) as Readonly<Record<string, string>>;
}

/** What a metric stands at whose line begins so; 0 where there is none. */
export async function metric(url: string, start: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(start));
  return Number(line?.split(" ").at(-1) ?? 0);
}
