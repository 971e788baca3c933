import { runCommand } from "../command.js";
import type { Migration } from "../world.js";

const MIGRATIONS = "adapters/postgres/src/migrations";
const CONTRACT = /^\s*(?:static )?readonly kind\b[^=]*=\s*"contract"/m;

/** What git knows of this project. */
export class Checkout {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async head(): Promise<string> {
    return (await this.#git("rev-parse", "HEAD")).trim();
  }

  /** The migrations that a commit has, in their order. One only adds, unless its class says that it takes away. */
  async migrations(commit: string): Promise<readonly Migration[]> {
    const names = (await this.#git("ls-tree", "--name-only", commit, `${MIGRATIONS}/`)).split("\n");
    const files = names.filter((name) => /\/\d{4}-[^/]+\.ts$/.test(name)).toSorted();
    return Promise.all(
      files.map(async (file) => {
        const kind = CONTRACT.test(await this.#git("show", `${commit}:${file}`)) ? "contract" : "expand";
        return { name: file.slice(MIGRATIONS.length + 1, -".ts".length), kind } as const;
      }),
    );
  }

  async #git(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCommand("git", args, { cwd: this.#root });
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr.trim()}`);
    return stdout;
  }
}
