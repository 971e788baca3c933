import type { Service, ServiceDeployment, ServiceRevisionSummary } from "@aws-sdk/client-ecs";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Move, Mover, Progress, Standing, Version } from "../mover.js";
import type { Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { EcsDeployments, isMoving } from "./ecs-deployments.js";
import { isAllAt, settled } from "./settled.js";

const POLL_MS = 5_000;
/** A service goes back as it came, by a part first where it is told so. */
const LONGEST_MS = 3_600_000;

/**
 * Services of ECS, each of which deploys as it is told to: task by task, or as many again and then traffic by parts. ECS watches
 * its alarms meanwhile and goes back by itself. A version is the ARN of a task definition.
 */
export class EcsMover implements Mover {
  readonly #deployments: EcsDeployments;
  readonly #pace: Pace;

  constructor(account: AwsAccount, pace: Pace) {
    this.#deployments = new EcsDeployments(account);
    this.#pace = pace;
  }

  /** By traffic where a deployment moves it, and else by tasks. */
  async standing(target: ReleaseTarget): Promise<Standing> {
    const moving = await this.#deployments.moving(target);
    const weighed = moving.flatMap(revisionsOf).filter((one) => one.requestedProductionTrafficWeight !== undefined);
    if (weighed.length === 0) return tasksOf(await this.#deployments.service(target));
    const versions = await this.#deployments.versions(weighed.map(({ arn }) => arn));
    const parts = weighed.map(
      (one) => [versions.get(one.arn ?? "") ?? "unknown", one.requestedProductionTrafficWeight ?? 0] as const,
    );
    return sharesOf(parts);
  }

  async begin(move: Move): Promise<void> {
    const { kind } = await this.progress(move);
    if (kind === "not-begun") await this.#deployments.begin(move);
  }

  async progress(move: Move): Promise<Progress> {
    // The deployment first: once it is over nothing of it moves any more.
    const deployment = await this.#deployments.of(move);
    if (deployment !== undefined && isMoving(deployment)) return { kind: "under-way" };
    const standing = await this.standing(move.target);
    if (deployment === undefined) return { kind: isAllAt(standing, move.to) ? "arrived" : "not-begun" };
    return settled({ well: deployment.status === "SUCCESSFUL", because: reasonOf(deployment) }, standing, move.to);
  }

  /** Nothing waits: ECS goes on by itself. */
  async advance(): Promise<void> {
    return undefined;
  }

  async back({ target, from }: Move): Promise<void> {
    for (const began = this.#pace.now(); ; await this.#pace.wait(POLL_MS)) {
      const moving = await this.#deployments.moving(target);
      await this.#stopAllBut(from, moving);
      if (moving.length === 0) {
        if (isAllAt(await this.standing(target), from)) return;
        await this.#deployments.give(target, from);
      }
      if (this.#pace.now() - began > LONGEST_MS) {
        throw new Error(`${target.workload} is not back at ${from}: run it again`);
      }
    }
  }

  /** What goes there anyway goes on. */
  async #stopAllBut(version: Version, moving: readonly ServiceDeployment[]): Promise<void> {
    const versions = await this.#deployments.versions(moving.map((one) => one.targetServiceRevision?.arn));
    for (const one of moving) {
      const stoppable = one.status === "PENDING" || one.status === "IN_PROGRESS";
      if (stoppable && versions.get(one.targetServiceRevision?.arn ?? "") !== version)
        await this.#deployments.stop(one);
    }
  }
}

function revisionsOf(deployment: ServiceDeployment): readonly ServiceRevisionSummary[] {
  const { sourceServiceRevisions = [], targetServiceRevision } = deployment;
  return [...sourceServiceRevisions, ...(targetServiceRevision === undefined ? [] : [targetServiceRevision])];
}

/** A service that runs nothing has all where it would run. */
function tasksOf({ deployments = [], taskDefinition = "" }: Service): Standing {
  const parts = deployments.map((one) => [one.taskDefinition ?? "", one.runningCount ?? 0] as const);
  return sharesOf(parts.some(([, count]) => count > 0) ? parts : [[taskDefinition, 1]]);
}

function sharesOf(parts: readonly (readonly [Version, number])[]): Standing {
  const whole = parts.reduce((sum, [, part]) => sum + part, 0);
  const shares: Record<Version, number> = {};
  for (const [version, part] of parts) {
    if (part > 0) shares[version] = (shares[version] ?? 0) + (100 * part) / whole;
  }
  return { shares };
}

function reasonOf({ status, statusReason, rollback, alarms }: ServiceDeployment): string {
  const said = [rollback?.reason, statusReason].filter((one) => one !== undefined && one !== "");
  const ringing = alarms?.triggeredAlarmNames ?? [];
  return `ECS: ${[...new Set(said)].join("; ") || String(status)}${ringing.length > 0 ? ` (${ringing.join(", ")})` : ""}`;
}
