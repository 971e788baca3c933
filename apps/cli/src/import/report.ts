import { once } from "node:events";
import { open } from "node:fs/promises";
import { refuse } from "../input.js";
import { problemLine } from "../failure.js";
import type { Progress } from "../progress.js";
import { printable, type Terminal } from "../terminal.js";

export interface RefusedLine {
  readonly line: number;
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
}

/** Where refused lines are told. */
export interface Report {
  add(refused: RefusedLine): Promise<void>;
  close(): Promise<void>;
}

/** To stderr, for a reader. */
export function reportTo(terminal: Terminal, progress: Progress): Report {
  return {
    add: async ({ line, errors }) => {
      progress.clear();
      for (const error of errors) terminal.complain(printable(`line ${line}: ${problemLine(error)}`));
    },
    close: async () => undefined,
  };
}

/** To a file, a line of JSON each. */
export async function reportIn(path: string): Promise<Report> {
  const file = await open(path, "w").catch((error: unknown) => refuse(path, error));
  const stream = file.createWriteStream();
  return {
    add: async (refused) => {
      if (!stream.write(`${JSON.stringify(refused)}\n`)) await once(stream, "drain");
    },
    close: async () => {
      stream.end();
      await once(stream, "close");
    },
  };
}
