import { localModule } from "@punctual/adapter-local/wiring";
import type { PostgresConfig } from "@punctual/adapter-postgres/config";
import type { PostgresStores } from "@punctual/adapter-postgres/wiring";
import { type Clock, type Ids, Recurrence, type UnitOfWork } from "@punctual/core";
import { ports } from "@punctual/core/wiring";
import { Container } from "inversify";

export interface LocalParts {
  readonly recurrence: Recurrence;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What needs nothing but this machine. */
export function localParts(): LocalParts {
  const container = new Container();
  container.load(localModule());
  return {
    recurrence: new Recurrence(container.get(ports.zones)),
    clock: container.get(ports.clock),
    ids: container.get(ports.ids),
  };
}

export interface DatabaseParts extends LocalParts {
  readonly unitOfWork: UnitOfWork;
  readonly stores: PostgresStores;
}

/** What works on the database itself. Whoever takes it closes the stores. */
export async function databaseParts(config: PostgresConfig): Promise<DatabaseParts> {
  const { postgresStores } = await import("@punctual/adapter-postgres/wiring");
  const stores = postgresStores(config);
  const container = new Container();
  container.load(localModule(), stores.module);
  return {
    recurrence: new Recurrence(container.get(ports.zones)),
    clock: container.get(ports.clock),
    ids: container.get(ports.ids),
    unitOfWork: container.get(ports.unitOfWork),
    stores,
  };
}
