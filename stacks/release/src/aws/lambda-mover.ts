import type { DeploymentInfo } from "@aws-sdk/client-codedeploy";
import { GetAliasCommand, LambdaClient, UpdateAliasCommand } from "@aws-sdk/client-lambda";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Move, Mover, Progress, Standing, Version } from "../mover.js";
import type { Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { CodeDeploy, isOver } from "./code-deploy.js";
import { detailOf } from "./detail.js";
import { isAllAt, settled } from "./settled.js";

const POLL_MS = 2_000;
/** CodeDeploy ends what it is told to stop within seconds. */
const LONGEST_MS = 300_000;

/** Versions of a function behind an alias, by deployments of CodeDeploy, which go by themselves and are watched by its alarms. */
export class LambdaMover implements Mover {
  readonly #lambda: LambdaClient;
  readonly #deployments: CodeDeploy;
  readonly #pace: Pace;

  constructor(account: AwsAccount, pace: Pace) {
    this.#lambda = new LambdaClient(account);
    this.#deployments = new CodeDeploy(account, pace);
    this.#pace = pace;
  }

  async standing(target: ReleaseTarget): Promise<Standing> {
    const { FunctionVersion, RoutingConfig } = await this.#lambda.send(new GetAliasCommand(aliasOf(target)));
    if (FunctionVersion === undefined) throw new RangeError(`The alias of ${target.workload} has no version`);
    const beside = Object.entries(RoutingConfig?.AdditionalVersionWeights ?? {})
      .map(([version, weight]) => [version, percentOf(weight)] as const)
      .filter(([, share]) => share > 0);
    const rest = beside.reduce((left, [, share]) => left - share, 100);
    return { shares: Object.fromEntries(rest > 0 ? [[FunctionVersion, rest], ...beside] : beside) };
  }

  async begin(move: Move): Promise<void> {
    const { kind } = await this.progress(move);
    if (kind === "not-begun") await this.#deployments.create(move);
  }

  async progress(move: Move): Promise<Progress> {
    // The deployment first: once it is over the alias is where it was brought.
    const deployment = await this.#deployments.of(move);
    if (deployment !== undefined && !isOver(deployment)) return { kind: "under-way" };
    const standing = await this.standing(move.target);
    if (deployment === undefined) return { kind: isAllAt(standing, move.to) ? "arrived" : "not-begun" };
    return settled({ well: deployment.status === "Succeeded", because: reasonOf(deployment) }, standing, move.to);
  }

  /** Nothing waits: CodeDeploy goes on by itself. */
  async advance(): Promise<void> {
    return undefined;
  }

  /** The alias is set at once, and again until nobody is there who would move it. */
  async back({ target, from }: Move): Promise<void> {
    const stopped = new Set<string>();
    for (const began = this.#pace.now(); ; await this.#pace.wait(POLL_MS)) {
      const moving = await this.#deployments.moving(target);
      for (const { deploymentId = "", creator } of moving) {
        if (creator === "codeDeployRollback" || stopped.has(deploymentId)) continue;
        await this.#deployments.stop(deploymentId);
        stopped.add(deploymentId);
      }
      const standing = await this.#brought(target, from);
      if (moving.length === 0 && isAllAt(standing, from)) return;
      if (this.#pace.now() - began > LONGEST_MS) {
        const ids = moving.map(({ deploymentId }) => deploymentId).join(", ") || "none";
        throw new Error(`${target.workload} is not back at ${from} (deployments under way: ${ids}): run it again`);
      }
    }
  }

  async #brought(target: ReleaseTarget, version: Version): Promise<Standing> {
    const standing = await this.standing(target);
    if (isAllAt(standing, version)) return standing;
    await this.#lambda.send(
      new UpdateAliasCommand({
        ...aliasOf(target),
        FunctionVersion: version,
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
    return this.standing(target);
  }
}

function aliasOf(target: ReleaseTarget): { FunctionName: string; Name: string } {
  return { FunctionName: detailOf(target, "function"), Name: detailOf(target, "alias") };
}

function percentOf(weight: number): number {
  return Math.round(weight * 10_000) / 100;
}

function reasonOf({ status, errorInformation, rollbackInfo }: DeploymentInfo): string {
  const said = [errorInformation?.message, rollbackInfo?.rollbackMessage].filter((one) => one !== undefined);
  return `CodeDeploy: ${said.join("; ") || String(status)}`;
}
