import { type Environment, loadConfig, READ } from "./config.js";
import { Failure } from "./failure.js";

/** What is wrong with the variables that a task is given which migrates a database: what it lacks, cannot use, or never reads. */
export function wrongBindings(given: Environment, others: readonly string[] = []): readonly string[] {
  const unread = Object.keys(given)
    .filter((name) => !READ.includes(name) && !others.includes(name))
    .map((name) => `${name} is not read`);
  try {
    const { databaseUrl } = loadConfig(given);
    return [...(databaseUrl === undefined ? ["PUNCTUAL_DATABASE_URL is needed"] : []), ...unread];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [...error.details, ...unread];
  }
}
