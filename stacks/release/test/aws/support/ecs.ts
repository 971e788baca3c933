import { Fault, type Input, type Service } from "./cloud.js";

export type Strategy = "ROLLING" | "CANARY";

interface FakeService {
  readonly arn: string;
  readonly strategy: Strategy;
  taskDefinition: string;
  tags: { key: string; value: string }[];
  /** Running tasks by definition. */
  tasks: Record<string, number>;
}

interface Deployment {
  readonly arn: string;
  readonly service: FakeService;
  readonly createdAt: number;
  readonly from: string;
  readonly to: string;
  status: string;
  /** Percent of traffic at `to`. */
  weight: number;
  reason?: string;
  ringing?: readonly string[];
  backAt?: number;
}

const P = "AmazonEC2ContainerServiceV20141113";
const WANTED = 2;
const PAGE = 2;
/** In milliseconds from when it was made. */
const TIMES = { begun: 2_000, canary: 5_000, whole: 60_000, ended: 80_000, task: 3_000 };
const BACK_MS = 4_000;
const MOVING = ["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"];

/** Services of ECS, that deploy task by task, or a part of the traffic first. */
export class FakeEcs implements Service {
  readonly #now: () => number;
  readonly #services = new Map<string, FakeService>();
  readonly #deployments: Deployment[] = [];
  /** Task definitions that were deregistered. */
  readonly inactive = new Set<string>();

  constructor(now: () => number) {
    this.#now = now;
  }

  serve({ cluster, service }: { cluster: string; service: string }, strategy: Strategy, taskDefinition: string): void {
    const arn = `arn:aws:ecs:eu-central-1:111122223333:service/${cluster}/${service}`;
    const made: FakeService = { arn, strategy, taskDefinition, tags: [], tasks: { [taskDefinition]: WANTED } };
    this.#services.set(`${cluster}/${service}`, made);
    const deployed = this.#deploy(made, taskDefinition, taskDefinition);
    Object.assign(deployed, { status: "SUCCESSFUL", weight: 100 });
  }

  get made(): readonly Readonly<Deployment>[] {
    return this.#deployments;
  }

  alarm(name: string): void {
    const reason = "Service deployment rolled back because of a CloudWatch alarm.";
    for (const one of this.#deployments.filter(isGoing))
      Object.assign(one, { ringing: [name], ...this.#backing(reason) });
  }

  operations: Service["operations"] = {
    [`${P}.DescribeServices`]: (input) => {
      const [service = ""] = input["services"] as readonly string[];
      const found = this.#services.get(`${String(input["cluster"])}/${service}`);
      if (found === undefined) return { services: [], failures: [{ arn: service, reason: "MISSING" }] };
      return { services: [toldOf(found, (input["include"] as readonly string[] | undefined) ?? [])], failures: [] };
    },
    [`${P}.TagResource`]: (input) => {
      const found = [...this.#services.values()].find(({ arn }) => arn === input["resourceArn"]);
      if (found === undefined) throw new Fault("ResourceNotFoundException");
      const tags = input["tags"] as FakeService["tags"];
      found.tags = [...found.tags.filter(({ key }) => tags.every((one) => one.key !== key)), ...tags];
      return {};
    },
    [`${P}.UpdateService`]: (input) => {
      const found = this.#of(input);
      const to = (input["taskDefinition"] as string | undefined) ?? found.taskDefinition;
      if (this.inactive.has(to)) throw new Fault("ClientException", "TaskDefinition is inactive");
      if (to === found.taskDefinition) return { service: toldOf(found, []) };
      // What was under way is followed by this.
      for (const one of this.#deployments.filter((one) => one.service === found && isMoving(one)))
        one.status = "STOPPED";
      this.#deploy(found, found.taskDefinition, to);
      found.taskDefinition = to;
      return { service: toldOf(found, []) };
    },
    [`${P}.ListServiceDeployments`]: (input) => {
      const service = this.#of(input);
      const statuses = input["status"] as readonly string[] | undefined;
      const { after = 0 } = (input["createdAt"] ?? {}) as { after?: number };
      const found = this.#deployments
        .filter((one) => one.service === service && one.createdAt >= after * 1_000)
        .filter(({ status }) => statuses?.includes(status) ?? true)
        .toReversed();
      const at = Number(input["nextToken"] ?? 0);
      const serviceDeployments = found.slice(at, at + PAGE).map(briefOf);
      return { serviceDeployments, ...(at + PAGE < found.length && { nextToken: String(at + PAGE) }) };
    },
    [`${P}.DescribeServiceDeployments`]: (input) => {
      const arns = arnsIn(input, "serviceDeploymentArns");
      return { serviceDeployments: this.#deployments.filter(({ arn }) => arns.includes(arn)).map(wholeOf) };
    },
    [`${P}.DescribeServiceRevisions`]: (input) => ({
      serviceRevisions: arnsIn(input, "serviceRevisionArns").map((serviceRevisionArn) => ({
        serviceRevisionArn,
        taskDefinition: serviceRevisionArn.split("#")[1],
      })),
    }),
    [`${P}.StopServiceDeployment`]: (input) => {
      const one = this.#deployments.find(({ arn }) => arn === input["serviceDeploymentArn"]);
      if (one === undefined) throw new Fault("ServiceDeploymentNotFoundException");
      if (!isMoving(one)) throw new Fault("ConflictException", "It is over");
      if (isGoing(one)) Object.assign(one, this.#backing("The deployment was stopped by a user."));
      return { serviceDeploymentArn: one.arn };
    },
  };

  tick = (now: number): void => {
    for (const one of this.#deployments.filter(isMoving)) {
      if (one.backAt === undefined) goOn(one, now - one.createdAt);
      else if (now >= one.backAt) {
        Object.assign(one, { status: "ROLLBACK_SUCCESSFUL", weight: 0 });
        Object.assign(one.service, { taskDefinition: one.from, tasks: { [one.from]: WANTED } });
      } else one.status = "ROLLBACK_IN_PROGRESS";
    }
  };

  #backing(reason: string) {
    return { status: "ROLLBACK_REQUESTED", reason, backAt: this.#now() + BACK_MS };
  }

  #deploy(service: FakeService, from: string, to: string): Deployment {
    const id = String(this.#deployments.length + 1);
    const arn = service.arn.replace(":service/", ":service-deployment/") + `/${id}`;
    // No two are made at once.
    const createdAt = Math.max(this.#now(), (this.#deployments.at(-1)?.createdAt ?? 0) + 1);
    const made = { arn, service, createdAt, from, to, status: "PENDING", weight: 0 };
    this.#deployments.push(made);
    return made;
  }

  #of(input: Input): FakeService {
    const found = this.#services.get(`${String(input["cluster"])}/${String(input["service"])}`);
    if (found === undefined) throw new Fault("ServiceNotFoundException");
    return found;
  }
}

function goOn(one: Deployment, ms: number): void {
  const { service, from, to } = one;
  if (ms < TIMES.begun) return;
  one.status = "IN_PROGRESS";
  if (service.strategy === "ROLLING") {
    const started = Math.min(WANTED, Math.floor((ms - TIMES.begun) / TIMES.task));
    service.tasks = countedOf({ [from]: WANTED - started, [to]: started });
    if (started === WANTED) Object.assign(one, { status: "SUCCESSFUL", weight: 100 });
    return;
  }
  service.tasks = { [from]: WANTED, [to]: WANTED };
  one.weight = ms >= TIMES.whole ? 100 : ms >= TIMES.canary ? 10 : 0;
  if (ms < TIMES.ended) return;
  one.status = "SUCCESSFUL";
  service.tasks = { [to]: WANTED };
}

function countedOf(tasks: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(tasks).filter(([, count]) => count > 0));
}

function isMoving({ status }: Deployment): boolean {
  return MOVING.includes(status);
}

function isGoing({ status }: Deployment): boolean {
  return status === "PENDING" || status === "IN_PROGRESS";
}

function toldOf({ arn, taskDefinition, tags, tasks }: FakeService, include: readonly string[]): object {
  const deployments = Object.entries({ [taskDefinition]: 0, ...tasks }).map(([definition, runningCount]) => ({
    status: definition === taskDefinition ? "PRIMARY" : "ACTIVE",
    taskDefinition: definition,
    runningCount,
  }));
  return { serviceArn: arn, taskDefinition, deployments, ...(include.includes("TAGS") && { tags }) };
}

function revisionOf({ service }: Deployment, definition: string): string {
  return `${service.arn.replace(":service/", ":service-revision/")}/#${definition}`;
}

function briefOf(one: Deployment): object {
  return {
    serviceDeploymentArn: one.arn,
    createdAt: one.createdAt / 1_000,
    status: one.status,
    targetServiceRevisionArn: revisionOf(one, one.to),
  };
}

function wholeOf(one: Deployment): object {
  const weighs = (weight: number) => one.service.strategy === "CANARY" && { requestedProductionTrafficWeight: weight };
  return {
    ...briefOf(one),
    sourceServiceRevisions: [{ arn: revisionOf(one, one.from), ...weighs(100 - one.weight) }],
    targetServiceRevision: { arn: revisionOf(one, one.to), ...weighs(one.weight) },
    ...(one.reason !== undefined && { statusReason: one.reason, rollback: { reason: one.reason } }),
    ...(one.ringing !== undefined && { alarms: { status: "TRIGGERED", triggeredAlarmNames: one.ringing } }),
  };
}

function arnsIn(input: Input, name: string): readonly string[] {
  const arns = input[name] as readonly string[];
  if (arns.length === 0 || arns.length > 20) throw new Fault("InvalidParameterException", `${name} must be 1 to 20`);
  return arns;
}
