import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  type ContainerDefinition,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  type Task,
} from "@aws-sdk/client-ecs";
import type { Pace } from "../world.js";
import type { AwsAccount } from "./account.js";
import { isNamed } from "./once.js";

/** As a stack says where a task of its own runs; several of a kind are parted by commas. */
export interface TaskPlace {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly subnets: string;
  readonly securityGroups: string;
}

const POLL_MS = 5_000;
const LONGEST_MS = 3_600_000;
/** Logs come later than the task ends. */
const LOGS_MS = 60_000;

/** Tasks of ECS that end by themselves. */
export class EcsTasks {
  readonly #ecs: ECSClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #pace: Pace;

  constructor(account: AwsAccount, pace: Pace) {
    this.#ecs = new ECSClient(account);
    this.#logs = new CloudWatchLogsClient(account);
    this.#pace = pace;
  }

  /** Runs the task with other last words than it has, and answers what it said once it has ended well. */
  async run(place: TaskPlace, words: readonly string[]): Promise<readonly string[]> {
    const { taskDefinition } = await this.#ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: place.taskDefinition }),
    );
    const [container] = taskDefinition?.containerDefinitions ?? [];
    if (container === undefined) throw new RangeError(`${place.taskDefinition} has no container`);
    const task = await this.#ended(place, await this.#started(place, container, words));
    const exitCode = task.containers?.find(({ name }) => name === container.name)?.exitCode;
    const lines = await this.#said(container, task);
    if (exitCode === 0) return lines;
    const why = [task.stoppedReason, task.containers?.[0]?.reason, ...lines.slice(-5)].filter(Boolean).join("; ");
    throw new Error(
      `The task \`${words.join(" ")}\` ended with ${exitCode === undefined ? "no code" : String(exitCode)}: ${why}`,
    );
  }

  async #started(place: TaskPlace, { name, command = [] }: ContainerDefinition, words: readonly string[]) {
    const { tasks = [], failures = [] } = await this.#ecs.send(
      new RunTaskCommand({
        cluster: place.cluster,
        taskDefinition: place.taskDefinition,
        overrides: { containerOverrides: [{ name, command: [...command.slice(0, -1), ...words] }] },
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: place.subnets.split(","),
            securityGroups: place.securityGroups.split(","),
            assignPublicIp: "DISABLED",
          },
        },
      }),
    );
    const arn = tasks[0]?.taskArn;
    if (arn !== undefined) return arn;
    throw new Error(
      `No task was started: ${failures.map(({ reason }) => reason).join(", ") || "ECS does not say why"}`,
    );
  }

  async #ended({ cluster }: TaskPlace, arn: string): Promise<Task> {
    for (const began = this.#pace.now(); ; await this.#pace.wait(POLL_MS)) {
      const { tasks = [] } = await this.#ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
      const [task] = tasks;
      if (task?.lastStatus === "STOPPED") return task;
      if (this.#pace.now() - began > LONGEST_MS) throw new Error(`The task ${arn} does not end`);
    }
  }

  async #said(
    { name = "", logConfiguration }: ContainerDefinition,
    { taskArn = "" }: Task,
  ): Promise<readonly string[]> {
    const { "awslogs-group": group, "awslogs-stream-prefix": prefix } = logConfiguration?.options ?? {};
    if (group === undefined || prefix === undefined) return [];
    const stream = `${prefix}/${name}/${taskArn.split("/").at(-1) ?? ""}`;
    for (const began = this.#pace.now(); ; await this.#pace.wait(POLL_MS)) {
      const lines = await this.#linesOf(group, stream);
      if (lines.length > 0 || this.#pace.now() - began > LOGS_MS) return lines;
    }
  }

  async #linesOf(logGroupName: string, logStreamName: string): Promise<readonly string[]> {
    try {
      const { events = [] } = await this.#logs.send(new GetLogEventsCommand({ logGroupName, logStreamName }));
      return events.flatMap(({ message }) => message ?? []);
    } catch (error) {
      // The stream begins with its first line.
      if (isNamed(error, "ResourceNotFoundException")) return [];
      throw error;
    }
  }
}
