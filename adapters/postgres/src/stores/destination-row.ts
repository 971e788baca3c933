import type { Destination, SigningSecret } from "@punctual/core";

/** A secret as JSON has it. */
export type SecretRow = Pick<SigningSecret, "id" | "sealed"> & {
  readonly createdAt: string;
  readonly expiresAt: string | null;
};

export function secretsOf(rows: readonly SecretRow[]): readonly SigningSecret[] {
  return rows.map(({ createdAt, expiresAt, ...rest }) => ({
    ...rest,
    createdAt: new Date(createdAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  }));
}

export function secretRows(secrets: readonly SigningSecret[]): readonly SecretRow[] {
  return secrets.map(({ createdAt, expiresAt, ...rest }) => ({
    ...rest,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  }));
}

export interface DestinationRow {
  readonly id: string;
  readonly tenant: string;
  readonly kind: string;
  readonly url: string;
  readonly method: string;
  readonly headers: Destination["headers"];
  readonly rate_per_second: number | null;
  readonly concurrency: number | null;
  readonly timeout_ms: number;
  readonly ack_within_ms: number | null;
  readonly secrets: readonly SecretRow[];
  readonly enabled: boolean;
  readonly disabled_because: Destination["disabledBecause"];
  readonly inline: boolean;
  readonly revision: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const COLUMNS = [
  ...["id", "tenant", "kind", "url", "method", "headers", "rate_per_second", "concurrency", "timeout_ms"],
  ...["ack_within_ms", "secrets", "enabled", "disabled_because", "inline", "revision", "created_at", "updated_at"],
] as const;

/** $1: ids. */
export const DESTINATIONS = `select ${COLUMNS.join(", ")} from destinations where id = any($1::uuid[])`;

export function destinationOf(row: DestinationRow): Destination {
  const { id, tenant, kind, url, method, headers, concurrency, enabled, inline, revision } = row;
  return {
    ...{ id, tenant, kind, url, method, headers, concurrency, enabled, inline, revision },
    ratePerSecond: row.rate_per_second,
    timeoutMs: row.timeout_ms,
    ackWithinMs: row.ack_within_ms,
    secrets: secretsOf(row.secrets),
    disabledBecause: row.disabled_because,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
