import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import type { ReleaseTarget } from "@punctual/stack-blueprint";
import type { Move, Version } from "../mover.js";
import type { AwsAccount } from "./account.js";
import { detailOf } from "./detail.js";
import { isNamed } from "./once.js";

/** The tag of a service that says which release it was last given to, and what its newest deployment was before that. */
export const RELEASE_TAG = "punctual:release";

/** More than ECS tells of at once it does not. */
const AT_ONCE = 20;
const MOVING: ServiceDeploymentStatus[] = [
  ...(["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"] as const),
];

/** Services of ECS and their deployments, which know versions as task definitions. */
export class EcsDeployments {
  readonly #ecs: ECSClient;

  constructor(account: AwsAccount) {
    this.#ecs = new ECSClient(account);
  }

  async service(target: ReleaseTarget): Promise<Service> {
    const { cluster, service } = placeOf(target);
    const { services = [], failures = [] } = await this.#ecs.send(
      new DescribeServicesCommand({ cluster, services: [service], include: ["TAGS"] }),
    );
    const [found] = services;
    if (found !== undefined) return found;
    throw new RangeError(`There is no service ${service} in ${cluster}: ${failures[0]?.reason ?? "nothing was found"}`);
  }

  /** What moves tasks or traffic now, for whichever release. */
  async moving(target: ReleaseTarget): Promise<readonly ServiceDeployment[]> {
    return this.#whole(await this.#listed(target, { status: MOVING }));
  }

  /** The one that was begun for this move; ECS knows releases by a tag alone. */
  async of(move: Move): Promise<ServiceDeployment | undefined> {
    const mark = markOf(await this.service(move.target));
    if (mark?.release !== move.release) return undefined;
    const listed = await this.#listed(move.target, { createdAt: { after: new Date(mark.after) } });
    const newer = listed.filter(({ createdAt }) => timeOf(createdAt) > mark.after);
    const byTime = newer.toSorted((a, b) => timeOf(a.createdAt) - timeOf(b.createdAt));
    const versions = await this.versions(byTime.map((one) => one.targetServiceRevisionArn));
    const mine = byTime.find((one) => versions.get(one.targetServiceRevisionArn ?? "") === move.to);
    return mine === undefined ? undefined : (await this.#whole([mine]))[0];
  }

  /** Notes whose it is, and only then gives it: what comes of it can be told from what was there before. */
  async begin({ release, target, to }: Move): Promise<void> {
    const service = await this.service(target);
    if (markOf(service)?.release !== release) {
      const times = (await this.#listed(target)).map(({ createdAt }) => timeOf(createdAt));
      const value = `${release} ${String(Math.max(0, ...times))}`;
      await this.#ecs.send(
        new TagResourceCommand({ resourceArn: service.serviceArn, tags: [{ key: RELEASE_TAG, value }] }),
      );
    }
    await this.give(target, to);
  }

  /** Given what it has, a service deploys nothing. */
  async give(target: ReleaseTarget, taskDefinition: Version): Promise<void> {
    await this.#ecs.send(new UpdateServiceCommand({ ...placeOf(target), taskDefinition }));
  }

  async stop({ serviceDeploymentArn }: ServiceDeployment): Promise<void> {
    try {
      await this.#ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" }));
    } catch (error) {
      // It ended meanwhile.
      if (!isNamed(error, "ConflictException")) throw error;
    }
  }

  /** Task definitions by the revisions of services that have them. */
  async versions(revisions: readonly (string | undefined)[]): Promise<ReadonlyMap<string, Version>> {
    const versions = new Map<string, Version>();
    const known = [...new Set(revisions.filter((one) => one !== undefined))];
    for (const serviceRevisionArns of pagesOf(known)) {
      const { serviceRevisions = [] } = await this.#ecs.send(
        new DescribeServiceRevisionsCommand({ serviceRevisionArns }),
      );
      for (const { serviceRevisionArn, taskDefinition } of serviceRevisions) {
        if (serviceRevisionArn !== undefined && taskDefinition !== undefined) {
          versions.set(serviceRevisionArn, taskDefinition);
        }
      }
    }
    return versions;
  }

  async #listed(
    target: ReleaseTarget,
    which: { readonly status?: ServiceDeploymentStatus[]; readonly createdAt?: { after: Date } } = {},
  ): Promise<readonly ServiceDeploymentBrief[]> {
    const listed: ServiceDeploymentBrief[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#ecs.send(new ListServiceDeploymentsCommand({ ...placeOf(target), nextToken, ...which }));
      listed.push(...(page.serviceDeployments ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return listed;
  }

  async #whole(briefs: readonly ServiceDeploymentBrief[]): Promise<readonly ServiceDeployment[]> {
    const whole: ServiceDeployment[] = [];
    const arns = briefs.map((one) => one.serviceDeploymentArn).filter((one) => one !== undefined);
    for (const serviceDeploymentArns of pagesOf(arns)) {
      const { serviceDeployments = [] } = await this.#ecs.send(
        new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }),
      );
      whole.push(...serviceDeployments);
    }
    return whole;
  }
}

export function isMoving({ status }: ServiceDeployment): boolean {
  return status !== undefined && MOVING.includes(status);
}

function placeOf(target: ReleaseTarget): { cluster: string; service: string } {
  return { cluster: detailOf(target, "cluster"), service: detailOf(target, "service") };
}

function markOf({ tags = [] }: Service): { readonly release: string; readonly after: number } | undefined {
  const value = tags.find(({ key }) => key === RELEASE_TAG)?.value;
  const [, release, after] = /^(.+) (\d+)$/.exec(value ?? "") ?? [];
  return release === undefined ? undefined : { release, after: Number(after) };
}

function timeOf(date: Date | undefined): number {
  return date?.getTime() ?? 0;
}

function pagesOf(all: readonly string[]): readonly string[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, page) =>
    all.slice(page * AT_ONCE, (page + 1) * AT_ONCE),
  );
}
