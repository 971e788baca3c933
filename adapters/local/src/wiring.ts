import { type Clock, IntlZoneRules, NO_FAILPOINTS } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { ContainerModule } from "inversify";
import type { LocalConfig } from "./config.js";
import { RandomIds } from "./random-ids.js";
import { LocalDataKeys } from "./secrets/local-data-keys.js";
import { readKey } from "./secrets/read-key.js";
import { SystemClock } from "./system-clock.js";
import { SystemRng } from "./system-rng.js";

export { keysFor } from "./secrets/keys-for.js";

/** For what must know the time before anything is bound. */
export function localClock(): Clock {
  return new SystemClock();
}

/** Binds what any machine has: clock, ids, chance and the runtime's zone data; and no failpoints. */
export function localModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ports.clock)
      .toResolvedValue(() => new SystemClock())
      .inSingletonScope();
    bind(ports.ids)
      .toResolvedValue(() => new RandomIds())
      .inSingletonScope();
    bind(ports.rng)
      .toResolvedValue(() => new SystemRng())
      .inSingletonScope();
    bind(ports.zones)
      .toResolvedValue(() => new IntlZoneRules({ version: zoneDataVersion() }))
      .inSingletonScope();
    bind(ports.failpoints).toConstantValue(NO_FAILPOINTS);
  });
}

/** Binds the keys that wrap data keys, where no KMS does it. */
export function localKeysModule({ secretKeys }: LocalConfig): ContainerModule {
  const [first, ...others] = secretKeys;
  const dataKeys = new LocalDataKeys(readKey(first), ...others.map(readKey));
  return new ContainerModule(({ bind }) => {
    bind(ports.dataKeys).toConstantValue(dataKeys);
  });
}

function zoneDataVersion(): string {
  const version = process.versions.tz;
  if (version === undefined) throw new Error("This Node was built without zone data: it needs full ICU");
  return version;
}
