/** A PostgreSQL server that is running. Who got it from `start…` or `findServer` stops it. */
export interface PostgresServer {
  /** Of a role that may create databases; it leads to one that is there already and is not for tables. */
  readonly url: string;
  readonly origin: "given" | "container" | "embedded";
  /** Ends what was started for us. A given server goes on. */
  stop(): Promise<void>;
}

/** What a server that we start ourselves is started with. */
export interface ServerOptions {
  /** Without it a crash of the machine may lose everything, and writing is faster: good for tests, and only for them. */
  readonly durable: boolean;
  /** Server settings by name, which win over our own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** For initdb: the same everywhere, whatever the machine's locale is, and sorted by code point. */
export const LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];

const COMMON = { timezone: "UTC" };
const HASTY = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" };

/** The arguments of `postgres` for these options. What is in `own` cannot be overruled. */
export function settingArguments(options: ServerOptions, own: Readonly<Record<string, string>> = {}): string[] {
  const all = { ...COMMON, ...(options.durable ? {} : HASTY), ...options.settings, ...own };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
