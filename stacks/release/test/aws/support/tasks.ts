import { Fault, type Service } from "./cloud.js";

export interface Told {
  readonly exitCode?: number;
  readonly lines: readonly string[];
  readonly stoppedReason?: string;
}

interface Running extends Told {
  readonly endsAt: number;
  readonly logsAt: number;
}

const P = "AmazonEC2ContainerServiceV20141113";
const RUNS_MS = 20_000;
/** Logs come later than a task ends. */
const LOGS_MS = 8_000;

/** Tasks of ECS that end by themselves, and what they have said. */
export class FakeTasks implements Service {
  readonly #now: () => number;
  readonly #work: (command: readonly string[]) => Told;
  readonly #tasks = new Map<string, Running>();
  /** Why none can be started. */
  failure: string | undefined;
  readonly placed: unknown[] = [];

  constructor(now: () => number, work: (command: readonly string[]) => Told) {
    this.#now = now;
    this.#work = work;
  }

  operations: Service["operations"] = {
    [`${P}.DescribeTaskDefinition`]: () => ({
      taskDefinition: {
        containerDefinitions: [
          {
            name: "migrate",
            command: ["apps/cli/bin/punctual.js", "migrate", "up"],
            logConfiguration: {
              logDriver: "awslogs",
              options: { "awslogs-group": "/punctual-dev/migrate", "awslogs-stream-prefix": "migrate" },
            },
          },
        ],
      },
    }),
    [`${P}.RunTask`]: (input) => {
      if (this.failure !== undefined) return { tasks: [], failures: [{ reason: this.failure }] };
      const { containerOverrides } = input["overrides"] as { containerOverrides: [{ command: readonly string[] }] };
      this.placed.push({ cluster: input["cluster"], network: input["networkConfiguration"] });
      const taskArn = `arn:aws:ecs:eu-central-1:111122223333:task/punctual-dev/t${String(this.#tasks.size + 1)}`;
      const endsAt = this.#now() + RUNS_MS;
      this.#tasks.set(taskArn, { ...this.#work(containerOverrides[0].command), endsAt, logsAt: endsAt + LOGS_MS });
      return { tasks: [{ taskArn }], failures: [] };
    },
    [`${P}.DescribeTasks`]: (input) => {
      const [taskArn = ""] = input["tasks"] as readonly string[];
      const task = this.#tasks.get(taskArn);
      if (task === undefined || this.#now() < task.endsAt) return { tasks: [{ taskArn, lastStatus: "RUNNING" }] };
      const { exitCode, stoppedReason } = task;
      return {
        tasks: [{ taskArn, lastStatus: "STOPPED", stoppedReason, containers: [{ name: "migrate", exitCode }] }],
      };
    },
    "Logs_20140328.GetLogEvents": (input) => {
      const [, id] = /^migrate\/migrate\/(.+)$/.exec(input["logStreamName"] as string) ?? [];
      const [, task] = [...this.#tasks].find(([arn]) => arn.endsWith(`/${String(id)}`)) ?? [];
      if (task === undefined || this.#now() < task.logsAt)
        throw new Fault("ResourceNotFoundException", "no such stream");
      return { events: task.lines.map((message) => ({ message })) };
    },
  };
}
