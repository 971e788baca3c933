/** How many connections Cloud SQL lets a PostgreSQL have at the most, by its memory in MB, unless a flag says otherwise. */
const BY_MEMORY: readonly (readonly [mb: number, connections: number])[] = [
  [122_880, 1_000],
  [61_440, 800],
  [30_720, 600],
  [15_360, 500],
  [7_680, 400],
  [6_144, 200],
  [3_840, 100],
  [1_700, 50],
  [0, 25],
];

/** Machines that share a processor are not named by their memory. */
const SHARED: Readonly<Record<string, number>> = { "db-f1-micro": 614, "db-g1-small": 1_740 };

export function connectionsOf(tier: string): number {
  const memory = SHARED[tier] ?? Number(tier.split("-").at(-1));
  return BY_MEMORY.find(([mb]) => memory >= mb)?.[1] ?? 0;
}

/** What is left is for migrations, for whoever looks into it, and for two revisions at once. */
const SHARE = 0.8;

/** How many connections all instances together may have. */
export function budgetOf(tier: string): number {
  return Math.floor(SHARE * connectionsOf(tier));
}
