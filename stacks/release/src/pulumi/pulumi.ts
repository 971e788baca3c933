import { CommandMissing, type Ran, runCommand } from "../command.js";

export interface PulumiOptions {
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  readonly stack: string;
  /** The program; left out, the one that PATH has. */
  readonly command?: string;
  readonly tell?: (chunk: string) => void;
}

/** The program said no, or there is none. */
export class PulumiFailed extends Error {
  override readonly name = "PulumiFailed";
}

/** Settings of one stack, by their paths in its file: `punctual:gcp.traffic.api.percent`. */
export type PathValues = Readonly<Record<string, string | number>>;

/** The command line of Pulumi, of one stack. */
export class Pulumi {
  readonly #options: PulumiOptions;

  constructor(options: PulumiOptions) {
    this.#options = options;
  }

  /** Whether it is there at all. */
  async version(): Promise<string> {
    return (await this.#run("version", [])).stdout.trim();
  }

  async preview(plan: string): Promise<void> {
    await this.#onStack("preview", ["--save-plan", plan, "--non-interactive"], this.#options.tell);
  }

  /** With a plan nothing but what it says is done. */
  async up(plan?: string): Promise<void> {
    const planned = plan === undefined ? ["--skip-preview"] : ["--plan", plan];
    await this.#onStack("up", [...planned, "--yes", "--non-interactive", "--json"]);
  }

  /** Nothing of a stack that was never made. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await this.#onStack("stack", ["output", "--json", "--show-secrets=false"]);
    return JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  }

  /** All of them at once, or none. */
  async setConfig(values: PathValues): Promise<void> {
    const pairs = Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${String(value)}`]);
    await this.#onStack("config", ["set-all", "--path", ...pairs]);
  }

  async #onStack(name: string, args: readonly string[], tell?: (chunk: string) => void): Promise<Ran> {
    return this.#run(name, [...args, "--stack", this.#options.stack], tell);
  }

  async #run(name: string, args: readonly string[], tell?: (chunk: string) => void): Promise<Ran> {
    const { root, stack, command = "pulumi" } = this.#options;
    const ran = await runCommand(command, [name, ...args], { cwd: root, ...(tell && { tell }) }).catch(
      (cause: unknown) => {
        if (!(cause instanceof CommandMissing)) throw cause;
        throw new PulumiFailed(`${cause.message}: install Pulumi, or say with PULUMI where it is`, { cause });
      },
    );
    if (ran.code === 0) return ran;
    const said = `${ran.stdout}\n${ran.stderr}`;
    const locked = LOCKED.test(said) ? `; when nothing is under way any more, \`pulumi cancel --stack ${stack}\`` : "";
    throw new PulumiFailed(`pulumi ${name} of ${stack} ended with ${String(ran.code)}${locked}\n${endOf(said)}`);
  }
}

/** A program that was killed leaves the lock of the state. */
const LOCKED = /currently locked by/;
const LINES = 30;

function endOf(said: string): string {
  return said
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-LINES)
    .join("\n");
}
