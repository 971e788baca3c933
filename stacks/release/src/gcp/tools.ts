import { z } from "zod";
import type { CloudParts, CloudTools, Ground } from "../cli/parts.js";
import { detailOf } from "../detail.js";
import type { Mover } from "../mover.js";
import type { Share, Shares } from "../pulumi/settings-file.js";
import type { Installed } from "../world.js";
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
    standing: async (targets) => standingOf(targets, movers),
    movesByUpdates: true,
  };
}

/** As the settings say it: what the version that is there has, and who has the rest. */
async function standingOf(targets: Installed["targets"], movers: Readonly<Record<string, Mover>>): Promise<Shares> {
  const told: Record<string, Share> = {};
  for (const target of targets) {
    const { shares = {} } = (await movers[target.kind]?.standing(target)) ?? {};
    const others = Object.entries(shares).filter(([version]) => version !== target.version);
    const [stable = target.version] = others.toSorted(([, a], [, b]) => b - a)[0] ?? [];
    told[target.workload] = { stable, percent: stable === target.version ? 0 : (shares[target.version] ?? 0) };
  }
  return told;
}
