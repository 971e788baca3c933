import type { Clock, Telemetry } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { ContainerModule } from "inversify";
import type { PostgresConfig } from "./config.js";
import { examine, type ServerFacts } from "./examine.js";
import { HotPath } from "./hot-path.js";
import { maintain, MaintenanceRounds } from "./maintain.js";
import { makePool } from "./pool.js";
import { checkSchema, SCHEMA_VERSION } from "./schema-version.js";
import { PostgresDestinationGate } from "./stores/destination-gate.js";
import { PostgresEventStore } from "./stores/event-store.js";
import { PostgresUnitOfWork } from "./stores/unit-of-work.js";
import { PostgresWakeUps } from "./wake-ups.js";

export type { ServerFacts } from "./examine.js";

/** The stores of one process, and how to begin and end with them. */
export interface PostgresStores {
  readonly module: ContainerModule;
  /** Looks after partitions and what claims leave behind, until aborted: for one long-running process at least. */
  maintain(clock: Clock, telemetry: Telemetry, signal: AbortSignal): Promise<void>;
  /**
   * One round of that, but for the vacuum, which is left to the server: for processes that do not run on. Made once; each
   * call does what it is time for.
   */
  maintenance(clock: Clock, telemetry: Telemetry): (signal: AbortSignal) => Promise<void>;
  /** Throws unless the database can be reached and has the tables that this program needs. */
  check(): Promise<void>;
  /** How many connections there are now, by what they do. */
  connections(): Readonly<Record<"busy" | "idle" | "waiting", number>>;
  /** What the server says of itself, whether or not it has our tables. */
  examine(): Promise<ServerFacts>;
  /** The version of the tables that this program needs. */
  readonly schemaVersion: number;
  close(): Promise<void>;
}

/** Binds stores and wake-ups. Nothing connects before it is used. */
export function postgresStores(config: PostgresConfig): PostgresStores {
  const pool = makePool(config);
  const closing: (() => Promise<void>)[] = [];
  const module = new ContainerModule(({ bind }) => {
    bind(ports.events)
      .toResolvedValue(
        (failpoints) => new PostgresEventStore(new HotPath(pool, config), failpoints),
        [ports.failpoints],
      )
      .inSingletonScope();
    bind(ports.gate)
      .toResolvedValue(() => new PostgresDestinationGate(new HotPath(pool, config)))
      .inSingletonScope();
    bind(ports.unitOfWork)
      .toResolvedValue((clock, rng) => new PostgresUnitOfWork({ pool, clock, rng, config }), [ports.clock, ports.rng])
      .inSingletonScope();
    bind(ports.wakeUps)
      .toResolvedValue(
        (clock, rng, telemetry) => {
          const wakeUps = new PostgresWakeUps({ config, clock, rng, telemetry });
          closing.push(async () => wakeUps.close());
          return wakeUps;
        },
        [ports.clock, ports.rng, ports.telemetry],
      )
      .inSingletonScope();
  });
  return {
    module,
    maintain: async (clock, telemetry, signal) => maintain({ config, clock, telemetry }, signal),
    maintenance: (clock, telemetry) => {
      const rounds = new MaintenanceRounds({ config, clock, telemetry }, pool);
      return async (signal) => rounds.run(signal);
    },
    check: async () => checkSchema(pool),
    connections: () => {
      const { totalCount, idleCount: idle, waitingCount: waiting } = pool;
      return { busy: totalCount - idle, idle, waiting };
    },
    examine: async () => examine(pool),
    schemaVersion: SCHEMA_VERSION,
    close: async () => {
      try {
        for (const close of closing) await close();
      } finally {
        await pool.end();
      }
    },
  };
}
