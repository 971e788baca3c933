import type { Command } from "commander";
import { ApiClient } from "./api/client.js";
import { type CliConfig, DEFAULT_API, type Environment, loadConfig, readApiUrl } from "./config.js";
import { Interrupted } from "./failure.js";
import { type Streams, Terminal } from "./terminal.js";

/** What the program is given by whoever starts it. */
export interface Context {
  readonly streams: Streams;
  readonly env: Environment;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The options that every command has, and those that lead to the API. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly api?: string;
  readonly timeout?: number;
}

/** One command at work. */
export interface Run {
  readonly terminal: Terminal;
  readonly config: CliConfig;
  readonly signal: AbortSignal;
  readonly client: () => ApiClient;
}

export type Work<Options> = (run: Run, options: Options & CommonOptions, args: readonly string[]) => Promise<void>;

const TIMEOUT_SECONDS = 30;

/** The action of a command. Interrupted, it has a second to end by itself. */
export function action<Options = object>(context: Context, work: Work<Options>, defaults: Defaults = {}) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const options = command.optsWithGlobals<Options & CommonOptions>();
    const run = runOf(context, options, defaults);
    await Promise.race([work(run, options, command.args), interrupted(context.signal)]);
  };
}

interface Defaults {
  /** How long one answer may take, where nothing was said of it. */
  readonly timeoutSeconds?: number;
}

export function runOf({ streams, env, signal }: Context, options: CommonOptions, defaults: Defaults = {}): Run {
  const { json = false, quiet = false, color, api } = options;
  const timeout = options.timeout ?? defaults.timeoutSeconds ?? TIMEOUT_SECONDS;
  const config = loadConfig(env);
  return {
    terminal: new Terminal(streams, { json, quiet, color }),
    config,
    signal,
    client: () => {
      const url = api === undefined ? (config.apiUrl ?? DEFAULT_API) : readApiUrl(api);
      return new ApiClient({ url, token: config.token, timeoutMs: timeout * 1_000, signal });
    },
  };
}

async function interrupted(signal: AbortSignal): Promise<never> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  throw new Interrupted();
}
