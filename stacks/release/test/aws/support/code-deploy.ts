import { Fault, type Input, type Service } from "./cloud.js";
import type { FakeLambda } from "./lambda.js";

interface Shift {
  readonly Name: string;
  readonly Alias: string;
  readonly CurrentVersion: string;
  readonly TargetVersion: string;
}

interface Deployment {
  readonly deploymentId: string;
  readonly group: string;
  readonly createdAt: number;
  readonly description?: string | undefined;
  readonly creator: "user" | "codeDeployRollback";
  readonly shift: Shift;
  status: string;
  /** When it is stopped, and whether it is taken back then. */
  stop?: { readonly at: number; readonly back: boolean; readonly message: string };
  errorInformation?: { readonly code: string; readonly message: string };
  rollbackInfo?: object;
}

const P = "CodeDeploy_20141006";
/** In milliseconds from when it was made. */
const TIMES = { queued: 1_000, begun: 3_000, canary: 63_000, ended: 65_000 };
const STOPPING_MS = 3_000;
const PAGE = 2;
const MOST = 25;
const PART = 0.1;

/** CodeDeploy for functions: ten per cent for a minute, then all; one deployment of a group at a time. */
export class FakeCodeDeploy implements Service {
  readonly #lambda: FakeLambda;
  readonly #now: () => number;
  readonly #deployments: Deployment[] = [];
  /** What follows ten per cent; where false, all goes at once. */
  canary = true;

  constructor(lambda: FakeLambda, now: () => number) {
    this.#lambda = lambda;
    this.#now = now;
  }

  get made(): readonly Readonly<Deployment>[] {
    return this.#deployments;
  }

  /** An alarm rings: what is under way is stopped and taken back, sooner or later. */
  alarm(name: string): void {
    const message = `One or more alarms have been activated, and the affected deployments have been stopped. Activated alarms: <${name}>`;
    for (const one of this.#deployments.filter(isMoving))
      one.stop ??= { at: this.#now() + STOPPING_MS, back: true, message };
  }

  operations: Service["operations"] = {
    [`${P}.CreateDeployment`]: (input) => {
      const group = groupOf(input);
      const busy = this.#deployments.find((one) => one.group === group && isMoving(one));
      if (busy !== undefined) {
        const message = `The Deployment Group '${group}' already has an active Deployment '${busy.deploymentId}'`;
        throw new Fault("DeploymentLimitExceededException", message);
      }
      const description = input["description"] as string | undefined;
      const made = this.#make({ group, description, creator: "user", shift: shiftIn(input) });
      return { deploymentId: made.deploymentId };
    },
    [`${P}.ListDeployments`]: (input) => {
      const group = groupOf(input);
      const statuses = input["includeOnlyStatuses"] as readonly string[] | undefined;
      const { start = 0 } = (input["createTimeRange"] ?? {}) as { start?: number };
      const found = this.#deployments.filter(
        (one) => one.group === group && one.createdAt >= start * 1_000 && (statuses?.includes(one.status) ?? true),
      );
      const at = Number(input["nextToken"] ?? 0);
      const deployments = found
        .map(({ deploymentId }) => deploymentId)
        .toReversed()
        .slice(at, at + PAGE);
      return { deployments, ...(at + PAGE < found.length && { nextToken: String(at + PAGE) }) };
    },
    [`${P}.BatchGetDeployments`]: (input) => {
      const ids = input["deploymentIds"] as readonly string[];
      if (ids.length > MOST) throw new Fault("BatchLimitExceededException");
      if (ids.length === 0) throw new Fault("DeploymentIdRequiredException");
      return {
        deploymentsInfo: this.#deployments
          .filter((one) => ids.includes(one.deploymentId))
          .toReversed()
          .map(toldOf),
      };
    },
    [`${P}.StopDeployment`]: (input) => {
      const one = this.#deployments.find(({ deploymentId }) => deploymentId === input["deploymentId"]);
      if (one === undefined) throw new Fault("DeploymentDoesNotExistException");
      if (!isMoving(one)) throw new Fault("DeploymentAlreadyCompletedException");
      const back = input["autoRollbackEnabled"] === true;
      one.stop ??= { at: this.#now() + STOPPING_MS, back, message: "The deployment was stopped by a user" };
      return { status: "Pending" };
    },
  };

  tick = (now: number): void => {
    for (const one of [...this.#deployments].filter(isMoving)) {
      if (one.stop !== undefined && now >= one.stop.at) this.#stopped(one, one.stop);
      else this.#gone(one, now - one.createdAt);
    }
  };

  #gone(one: Deployment, ms: number): void {
    const { Name, Alias, CurrentVersion, TargetVersion } = one.shift;
    const alias = this.#lambda.alias(Name, Alias);
    if (one.status === "Created" && ms >= TIMES.queued) one.status = "Queued";
    if (one.status === "Queued" && ms >= TIMES.begun) {
      const meant = one.creator === "codeDeployRollback" || alias.version === CurrentVersion;
      one.status = meant ? "InProgress" : "Failed";
      if (!meant) one.errorInformation = { code: "ALIAS", message: `The alias is not at ${CurrentVersion}` };
      else if (one.creator === "user" && this.canary) alias.weights = { [TargetVersion]: PART };
      else Object.assign(alias, { version: TargetVersion, weights: {} });
    }
    if (one.status !== "InProgress") return;
    const [shifted, ended] =
      one.creator === "user" && this.canary ? [TIMES.canary, TIMES.ended] : [0, TIMES.begun + 2_000];
    if (ms >= shifted) Object.assign(alias, { version: TargetVersion, weights: {} });
    if (ms >= ended) one.status = "Succeeded";
  }

  #stopped(one: Deployment, { back, message }: NonNullable<Deployment["stop"]>): void {
    one.status = "Stopped";
    one.errorInformation = { code: "MANUAL_STOP", message };
    if (!back) return;
    const shift = { ...one.shift, TargetVersion: one.shift.CurrentVersion, CurrentVersion: one.shift.TargetVersion };
    const made = this.#make({ group: one.group, description: one.description, creator: "codeDeployRollback", shift });
    one.rollbackInfo = { rollbackDeploymentId: made.deploymentId };
  }

  #make(made: Omit<Deployment, "deploymentId" | "createdAt" | "status">): Deployment {
    const deploymentId = `d-${String(this.#deployments.length + 1).padStart(9, "0")}`;
    const deployment = { ...made, deploymentId, createdAt: this.#now(), status: "Created" };
    this.#deployments.push(deployment);
    return deployment;
  }
}

function isMoving({ status }: Deployment): boolean {
  return status === "Created" || status === "Queued" || status === "InProgress";
}

function groupOf(input: Input): string {
  return `${String(input["applicationName"])}/${String(input["deploymentGroupName"])}`;
}

function shiftIn(input: Input): Shift {
  const { appSpecContent } = input["revision"] as { appSpecContent: { content: string } };
  const spec = JSON.parse(appSpecContent.content) as {
    Resources: readonly Record<string, { Type: string; Properties: Shift }>[];
  };
  const [resource] = Object.values(spec.Resources[0] ?? {});
  if (!appSpecContent.content.includes(`"version": 0.0`) || resource?.Type !== "AWS::Lambda::Function") {
    throw new Fault("InvalidRevisionException");
  }
  return resource.Properties;
}

function toldOf({ deploymentId, createdAt, description, creator, status, errorInformation, rollbackInfo }: Deployment) {
  return { deploymentId, createTime: createdAt / 1_000, description, creator, status, errorInformation, rollbackInfo };
}
