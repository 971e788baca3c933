import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters, styleText } from "node:util";
import { EXIT } from "./exit-codes.js";
import { Failure, Interrupted, usage } from "./failure.js";

export interface Screen extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Screen;
  readonly stderr: Screen;
}

export interface TerminalOptions {
  /** Data as JSON. */
  readonly json: boolean;
  /** Nothing but data and errors; of what was made or changed the id alone. */
  readonly quiet: boolean;
  readonly color: boolean;
}

export type Style = Parameters<typeof styleText>[0];

/** Where a command speaks: data to stdout, all else to stderr. */
export class Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #color: boolean;
  readonly #streams: Streams;

  constructor(streams: Streams, { json, quiet, color }: TerminalOptions) {
    this.#streams = streams;
    this.json = json;
    this.quiet = quiet;
    this.#color = color;
  }

  get input(): Readable {
    return this.#streams.stdin;
  }

  /** Where progress may be drawn: nowhere, unless somebody looks on. */
  get canvas(): Screen | null {
    const { stderr } = this.#streams;
    return stderr.isTTY === true && !this.quiet ? stderr : null;
  }

  /** A line of data. It waits for whoever reads slowly. */
  async print(line: string): Promise<void> {
    await this.write(`${line}\n`);
  }

  async write(text: string): Promise<void> {
    if (!this.#streams.stdout.write(text)) await once(this.#streams.stdout, "drain");
  }

  /** A remark. */
  say(line: string): void {
    if (!this.quiet) this.complain(line);
  }

  complain(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Styled for stdout, if that shows colours and nobody objects. */
  style(style: Style, text: string): string {
    if (!this.#color) return text;
    const stream = this.#streams.stdout as NodeJS.WriteStream;
    return stream.isTTY ? styleText(style, text, { stream }) : text;
  }

  /** Throws unless the answer is yes. Where nobody can be asked it has to be said beforehand, by `--yes`. */
  async confirm(question: string, signal: AbortSignal): Promise<void> {
    const { stdin, stderr } = this.#streams;
    if (stdin.isTTY !== true) throw usage("this asks for confirmation, and nobody can be asked here: add --yes");
    const reader = createInterface({ input: stdin, output: stderr, terminal: true });
    try {
      const answer = await reader.question(`${question} [y/N] `, { signal });
      if (!/^y(es)?$/i.test(answer.trim())) throw new Failure(EXIT.failure, "nothing was done");
    } catch (error) {
      throw error instanceof Error && error.name === "AbortError" ? new Interrupted() : error;
    } finally {
      reader.close();
    }
  }
}

/** What came from elsewhere, fit to be shown: it could hold what moves the cursor or changes the colours. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, "\ufffd");
}
