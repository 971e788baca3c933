import { z } from "zod";
import type { Migration, Migrator, Pace } from "../world.js";
import type { GoogleApi } from "./google-api.js";

const STARTED = z.object({ metadata: z.object({ name: z.string() }) });
const EXECUTION = z.object({
  completionTime: z.string().optional(),
  succeededCount: z.number().default(0),
  conditions: z.array(z.object({ type: z.string(), message: z.string().default("") })).default([]),
  logUri: z.string().default(""),
});

export interface Job {
  readonly project: string;
  readonly location: string;
  readonly job: string;
}

export interface JobMigratorDeps {
  readonly api: GoogleApi;
  readonly pace: Pace;
  /** A job knows the migrations of its own image alone: those of the next one somebody else tells. */
  readonly pending: (commit: string) => Promise<readonly Migration[]>;
}

const LOOK_MS = 5_000;
/** More than a job's own limit. */
const MOST_MS = 3_600_000;

/** A job of Cloud Run that migrates, run and waited for. */
export class JobMigrator implements Migrator {
  readonly #deps: JobMigratorDeps;
  readonly #job: Job;

  constructor(deps: JobMigratorDeps, job: Job) {
    this.#deps = deps;
    this.#job = job;
  }

  async pending(commit: string): Promise<readonly Migration[]> {
    return this.#deps.pending(commit);
  }

  async migrate(): Promise<void> {
    const { api, pace } = this.#deps;
    const { project, location, job } = this.#job;
    const run = `run.googleapis.com/v2/projects/${project}/locations/${location}/jobs/${job}:run`;
    const began = pace.now();
    const started = STARTED.parse((await api.ask({ method: "POST", url: run, body: {} })).body);
    const look = async () =>
      EXECUTION.parse((await api.ask({ url: `run.googleapis.com/v2/${started.metadata.name}` })).body);
    let execution = await look();
    while (execution.completionTime === undefined) {
      if (pace.now() - began > MOST_MS) throw new Error(`${job} has not ended within an hour`);
      await pace.wait(LOOK_MS);
      execution = await look();
    }
    if (execution.succeededCount > 0) return;
    const why = execution.conditions.find(({ type }) => type === "Completed")?.message ?? "";
    throw new Error(`${job} failed: ${why === "" ? "nothing says why" : why}; its log: ${execution.logUri}`);
  }
}
