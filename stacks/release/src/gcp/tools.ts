import type { ReleaseTarget } from "@punctual/stack-blueprint";
import { z } from "zod";
import type { CloudParts, CloudTools, Ground } from "../cli/parts.js";
import { detailOf } from "../detail.js";
import type { Mover } from "../mover.js";
import type { Shares } from "../pulumi/settings-file.js";
import { CloudRunMover } from "./cloud-run-mover.js";
import { GcsJournal } from "./gcs-journal.js";
import { GoogleApi } from "./google-api.js";
import { JobMigrator } from "./job-migrator.js";
import { MonitoringJudge } from "./monitoring-judge.js";
import { PoolMover } from "./pool-mover.js";

const OWN = z.object({ project: z.string(), region: z.string() });

/** Releases on Google Cloud. */
export function googleTools(api: GoogleApi): CloudTools {
  return {
    partsOf: (ground) => partsOf(ground, api),
    journalIn: (bucket, prefix) => new GcsJournal(api, { bucket, prefix }),
  };
}

export const tools = googleTools(new GoogleApi());

function partsOf({ prefix, settings, traffic, coming, pace }: Ground, api: GoogleApi): CloudParts {
  const { project, region: location } = OWN.parse(settings["punctual:gcp"]);
  const deps = { api, traffic, pace };
  const movers = { "cloud-run": new CloudRunMover(deps), "cloud-run-pool": new PoolMover(deps) };
  return {
    movers,
    judge: new MonitoringJudge(api, { project, prefix }),
    migrator: new JobMigrator({ api, pace, pending: coming }, { project, location, job: `${prefix}-migrate` }),
    versionOf: detailOf("revision"),
    resting: async (targets) => restingOf(targets, movers),
    movesByUpdates: true,
  };
}

/** Whatever has most of the traffic keeps all of it. */
async function restingOf(targets: readonly ReleaseTarget[], movers: Readonly<Record<string, Mover>>): Promise<Shares> {
  const shares: Record<string, Shares[string]> = {};
  for (const target of targets) {
    const standing = await movers[target.kind]?.standing(target);
    const [most] = Object.entries(standing?.shares ?? {}).toSorted(([, a], [, b]) => b - a);
    if (most !== undefined) shares[target.workload] = { stable: most[0], percent: 0 };
  }
  return shares;
}
