import { type Environment, read } from "../config.js";
import { baseOf } from "./base.js";
import { groundOf, sqsOf } from "./parts.js";
import { SHAPES } from "./shapes.js";
import { contradictionsInLogin, KNOWN } from "./variables.js";

type Status = "ok" | "away";

/** Looks at what the functions stand on; a release asks it before traffic is shifted. */
export function healthFor(environment: Environment) {
  const config = read(environment, SHAPES.health, KNOWN, contradictionsInLogin);
  const base = baseOf(config);
  const { stores } = groundOf(config, base);
  const sqs = sqsOf(config, base);
  return async () => {
    const trouble = (where: string) => (error: unknown) => {
      base.telemetry.note({ kind: "trouble", where, error });
      return null;
    };
    const [database, queues] = await Promise.all([
      stores.check().then(() => true, trouble("database")),
      sqs.depths().catch(trouble("queues")),
    ]);
    const statusOf = (found: unknown): Status => (found === null ? "away" : "ok");
    const parts = { database: { status: statusOf(database) }, queues: { status: statusOf(queues), ...queues } };
    const status: Status = database === null || queues === null ? "away" : "ok";
    return { status, schemaVersion: stores.schemaVersion, zoneData: process.versions.tz ?? "none", parts };
  };
}
