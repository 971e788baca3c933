import { events } from "@punctual/api/contract";
import type { Command } from "commander";
import type { Answer, Query } from "../api/client.js";
import { type PagingOptions, printPages } from "../api/pages.js";
import { jsonText, readAnswer } from "../api/read-answer.js";
import { usage } from "../failure.js";
import { choice, each, instant, paging, positive, throughApi, whole } from "../options.js";
import { counted } from "../progress.js";
import { action, type Context, type Run } from "../run.js";
import { eventFacts, eventTable } from "../views/events.js";

interface Conditions {
  readonly reason?: string;
  readonly schedule?: string;
  readonly destination?: string;
  readonly type?: string;
  readonly origin?: string;
  readonly dueFrom?: string;
  readonly dueBefore?: string;
}

interface Noted {
  readonly note?: string;
}

const STATES = ["PENDING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED"];

/** `punctual events …` */
export function eventsCommand(program: Command, context: Context): void {
  const group = program.command("events").description("read events, and take them out or set them going again");
  addReading(group, context);
  addChanging(group, context);
  addRedrive(group, context);
}

function addReading(group: Command, context: Context): void {
  const list = group.command("list").description("list events, in the order of their due times");
  throughApi(paging(conditional(list)))
    .addOption(choice("--state <state>", "in this state; may be given several times", STATES).argParser(state))
    .option("--min-lateness-ms <number>", "sent at least so late", whole({ min: 0, max: 2 ** 31 }))
    .action(
      action<Conditions & PagingOptions & { state?: readonly string[]; minLatenessMs?: number }>(
        context,
        async (run, options) =>
          printPages(run, {
            operation: events.list,
            query: { ...conditionsOf(options), state: options.state, minLatenessMs: options.minLatenessMs },
            paging: options,
            show: (answer) => eventTable(readAnswer(events.list, answer).items, run.terminal),
          }),
      ),
    );

  throughApi(group.command("get <id>").description("show an event with its attempts")).action(
    action(context, async (run, _, [id = ""]) => {
      await printEvent(run, events.get, await run.client().call(events.get, { params: { id } }));
    }),
  );
}

const MOVES = [
  { name: "cancel", operation: events.cancel, done: "cancelled" },
  { name: "retry", operation: events.retry, done: "going again" },
] as const;

function addChanging(group: Command, context: Context): void {
  for (const { name, operation, done } of MOVES) {
    throughApi(group.command(`${name} <id>`).description(operation.summary))
      .option("--note <text>", "why; it is kept in the audit log")
      .action(
        action<Noted>(context, async (run, { note }, [id = ""]) => {
          const answer = await run.client().call(operation, { params: { id }, body: JSON.stringify({ note }) });
          await printEvent(run, operation, answer, done);
        }),
      );
  }

  throughApi(group.command("reschedule <id>").description(events.reschedule.summary))
    .requiredOption("--at <date-time>", "to this time, in the schedule's zone, or to an instant")
    .option("--note <text>", "why; it is kept in the audit log")
    .action(
      action<Noted & { at: string }>(context, async (run, { at, note }, [id = ""]) => {
        const body = JSON.stringify({ at, note });
        const answer = await run.client().call(events.reschedule, { params: { id }, body });
        await printEvent(run, events.reschedule, answer, "moved");
      }),
    );
}

function addRedrive(group: Command, context: Context): void {
  const redrive = group.command("redrive").description("set all failed events going again that the conditions find");
  throughApi(conditional(redrive))
    .option("--per-second <number>", "no more than so many a second (10)", positive)
    .option("--note <text>", "why; it is kept in the audit log")
    .option("--yes", "do it without asking")
    .action(
      action<Conditions & Noted & { perSecond?: number; yes?: boolean }>(context, async (run, options) => {
        const { perSecond, note, yes } = options;
        const filter = conditionsOf(options);
        const said = Object.entries(filter).flatMap(([name, value]) =>
          value === undefined ? [] : [`${name} ${value}`],
        );
        if (said.length === 0) throw usage("say which: by --type, --schedule, --destination, --reason or --due-from");
        if (yes !== true) {
          await run.terminal.confirm(`Set all failed events going again with ${said.join(", ")}?`, run.signal);
        }
        const answer = await run.client().call(events.redrive, { body: JSON.stringify({ filter, perSecond, note }) });
        if (run.terminal.json) return run.terminal.print(jsonText(answer));
        const { redriven } = readAnswer(events.redrive, answer);
        return run.terminal.print(
          run.terminal.quiet ? String(redriven) : `${counted(redriven, "event")} set going again`,
        );
      }),
    );
}

function conditional(command: Command): Command {
  return command
    .option("--schedule <id>", "of this schedule")
    .option("--destination <id>", "that go there")
    .option("--type <text>", "of this type")
    .option("--reason <reason>", "that ended for this reason, such as attempts_exhausted")
    .addOption(choice("--origin <origin>", "made by this", ["rule", "manual", "callback"]))
    .option("--due-from <instant>", "due no earlier", instant)
    .option("--due-before <instant>", "due earlier than this", instant);
}

function conditionsOf(options: Conditions) {
  const { schedule, destination, type, reason, origin, dueFrom, dueBefore } = options;
  const conditions = { scheduleId: schedule, destinationId: destination, type, reason, origin, dueFrom, dueBefore };
  return conditions satisfies Query;
}

function state(text: string, before: readonly string[] | undefined): readonly string[] {
  if (STATES.includes(text.toUpperCase())) return each(text.toUpperCase(), before);
  throw usage(`--state is one of ${STATES.join(", ")}`);
}

type OneEvent = (typeof events)["get" | "cancel" | "retry" | "reschedule"];

async function printEvent({ terminal }: Run, operation: OneEvent, answer: Answer, remark?: string): Promise<void> {
  if (terminal.json) return terminal.print(jsonText(answer));
  const event = readAnswer(operation, answer);
  if (terminal.quiet && remark !== undefined) return terminal.print(event.id);
  await terminal.print(eventFacts(event, terminal));
  if (remark !== undefined) terminal.say(remark);
}
