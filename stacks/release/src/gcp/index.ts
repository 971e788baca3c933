export { CloudRunMover } from "./cloud-run-mover.js";
export { GcsJournal, type Place } from "./gcs-journal.js";
export { GoogleApi, type GoogleApiOptions, GoogleRefused, type Token } from "./google-api.js";
export { type Job, JobMigrator } from "./job-migrator.js";
export { type Judged, MonitoringJudge } from "./monitoring-judge.js";
export { PoolMover } from "./pool-mover.js";
export { RevisionMover, type RevisionMoverDeps } from "./revision-mover.js";
export { googleTools, tools } from "./tools.js";
