import {
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  type DeploymentStatus,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Move } from "../mover.js";
import type { Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { detailOf } from "./detail.js";
import { isNamed, unlessThrottled } from "./once.js";

/** More than CodeDeploy tells of at once it does not. */
const AT_ONCE = 25;
/** A release that was begun longer ago is not gone on with. */
const LONGEST_MS = 30 * 86_400_000;
const MOVING: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/** Deployments of a group of CodeDeploy's; each says in its description which release it is of. */
export class CodeDeploy {
  readonly #client: CodeDeployClient;
  readonly #once: CodeDeployClient;
  readonly #pace: Pace;
  readonly #ids = new Map<string, string>();

  constructor(account: AwsAccount, pace: Pace) {
    this.#client = new CodeDeployClient(account);
    // Asked again after its answer was lost, CodeDeploy might make two of it.
    this.#once = new CodeDeployClient({ ...account, maxAttempts: 1 });
    this.#pace = pace;
  }

  async of(move: Move): Promise<DeploymentInfo | undefined> {
    const key = `${move.release} ${move.target.workload}`;
    const known = this.#ids.get(key);
    const since = new Date(this.#pace.now() - LONGEST_MS);
    const pages = known === undefined ? this.#listed(move.target, { createTimeRange: { start: since } }) : [[known]];
    for await (const ids of pages) {
      for (const one of await this.#told(ids)) {
        if (one.description !== descriptionOf(move) || one.creator === "codeDeployRollback") continue;
        if (one.deploymentId !== undefined) this.#ids.set(key, one.deploymentId);
        return one;
      }
    }
    return undefined;
  }

  /** What moves traffic now, or may begin to, for whichever release. */
  async moving(target: ReleaseTarget): Promise<readonly DeploymentInfo[]> {
    const moving: DeploymentInfo[] = [];
    for await (const ids of this.#listed(target, { includeOnlyStatuses: MOVING })) {
      moving.push(...(await this.#told(ids)).filter((one) => !isOver(one)));
    }
    return moving;
  }

  async create(move: Move): Promise<void> {
    const { target } = move;
    const order = new CreateDeploymentCommand({
      applicationName: detailOf(target, "application"),
      deploymentGroupName: detailOf(target, "group"),
      description: descriptionOf(move),
      revision: { revisionType: "AppSpecContent", appSpecContent: { content: appSpecOf(move) } },
    });
    try {
      await unlessThrottled(this.#pace, async () => this.#once.send(order));
    } catch (error) {
      // A group has one at a time: it may be ours, which was not listed yet.
      if (isNamed(error, "DeploymentLimitExceededException") && (await this.of(move)) !== undefined) return;
      throw error;
    }
  }

  async stop(deploymentId: string): Promise<void> {
    try {
      await this.#client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }));
    } catch (error) {
      if (!isNamed(error, "DeploymentAlreadyCompletedException")) throw error;
    }
  }

  async *#listed(
    target: ReleaseTarget,
    which: { readonly createTimeRange?: { start: Date }; readonly includeOnlyStatuses?: DeploymentStatus[] },
  ): AsyncGenerator<readonly string[]> {
    const [applicationName, deploymentGroupName] = [detailOf(target, "application"), detailOf(target, "group")];
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListDeploymentsCommand({ applicationName, deploymentGroupName, nextToken, ...which }),
      );
      yield page.deployments ?? [];
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  async #told(ids: readonly string[]): Promise<readonly DeploymentInfo[]> {
    const told: DeploymentInfo[] = [];
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const deploymentIds = ids.slice(at, at + AT_ONCE);
      const { deploymentsInfo = [] } = await this.#client.send(new BatchGetDeploymentsCommand({ deploymentIds }));
      told.push(...deploymentsInfo);
    }
    return told;
  }
}

export function isOver({ status }: DeploymentInfo): boolean {
  return status === undefined || !MOVING.includes(status);
}

function descriptionOf({ release, target }: Move): string {
  return `release ${release} of ${target.workload}`;
}

function appSpecOf({ target, from, to }: Move): string {
  const name = detailOf(target, "function");
  const Properties = { Name: name, Alias: detailOf(target, "alias"), CurrentVersion: from, TargetVersion: to };
  const Resources = JSON.stringify([{ [name]: { Type: "AWS::Lambda::Function", Properties } }]);
  // The version is 0.0, and JSON in JavaScript would say 0.
  return `{"version": 0.0, "Resources": ${Resources}}`;
}
