import { type Operation, schedules } from "@punctual/api/contract";
import { rawField } from "@punctual/core";
import type { Command } from "commander";
import { randomUUID } from "node:crypto";
import type { Answer, Call } from "../api/client.js";
import { type PagingOptions, printPages } from "../api/pages.js";
import { jsonText, readAnswer } from "../api/read-answer.js";
import { EXIT } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { choice, each, instant, paging, throughApi, whole } from "../options.js";
import { action, type Context, type Run } from "../run.js";
import { describing, type ScheduleOptions, scheduleText } from "../schedule-text.js";
import { printOccurrences } from "../views/occurrences.js";
import { eventFacts } from "../views/events.js";
import { scheduleFacts, scheduleTable } from "../views/schedules.js";

interface Forced {
  readonly force?: boolean;
}

interface Noted {
  readonly note?: string;
}

/** `punctual schedule …` */
export function scheduleCommand(program: Command, context: Context): void {
  const group = program.command("schedule").description("make, read and change schedules");
  addMaking(group, context);
  addReading(group, context);
  addChanging(group, context);
}

function addMaking(group: Command, context: Context): void {
  const create = group.command("create").description("make a schedule, once however often it is tried");
  throughApi(describing(create), { urlIsTaken: true })
    .option("--key <text>", "your own name for it, unique")
    .option("--idempotency-key <text>", "said again with the same key nothing is made twice (a new one)")
    .action(
      action<ScheduleOptions & { idempotencyKey?: string }>(context, async (run, options) => {
        const body = await scheduleText(options, run.terminal);
        const key = options.idempotencyKey ?? randomUUID();
        const answer = await once(run, schedules.create, { body }, key);
        const replayed = answer.headers["idempotent-replayed"] === "true";
        await printSchedule(run, schedules.create, answer, replayed ? "it was there already" : "made");
      }),
    );

  const put = group.command("put <key>").description("make the schedule of your own key what it should be");
  throughApi(describing(put), { urlIsTaken: true }).action(
    action<ScheduleOptions>(context, async (run, options, [key = ""]) => {
      const body = await scheduleText(options, run.terminal);
      const answer = await run.client().call(schedules.put, { params: { key }, body });
      await printSchedule(run, schedules.put, answer, answer.status === 201 ? "made" : "it is so");
    }),
  );
}

interface ListOptions extends PagingOptions {
  readonly type?: string;
  readonly destination?: string;
  readonly zone?: string;
  readonly status?: string;
  readonly label?: readonly string[];
}

function addReading(group: Command, context: Context): void {
  const list = group.command("list").description("list schedules, the oldest first");
  throughApi(paging(list))
    .option("--type <text>", "of this type")
    .option("--destination <id>", "that go there")
    .option("--zone <name>", "in this time zone")
    .addOption(choice("--status <status>", "in this state", ["active", "paused"]))
    .option("--label <name:value>", "with this label; may be given several times", each)
    .action(
      action<ListOptions>(context, async (run, { type, destination, zone, status, label, ...rest }) =>
        printPages(run, {
          operation: schedules.list,
          query: { type, destinationId: destination, timeZone: zone, status, label },
          paging: rest,
          show: (answer) => scheduleTable(readAnswer(schedules.list, answer).items, run.terminal),
        }),
      ),
    );

  throughApi(group.command("get <id>").description("show a schedule")).action(
    action(context, async (run, _, [id = ""]) => {
      await printSchedule(run, schedules.get, await run.client().call(schedules.get, { params: { id } }));
    }),
  );

  const occurrences = group.command("occurrences <id>").description("show what a schedule will do");
  throughApi(occurrences)
    .option("--after <instant>", "after this (now)", instant)
    .option("--count <number>", "how many (10)", whole({ min: 1, max: 1_000 }))
    .action(
      action<{ after?: string; count?: number }>(context, async (run, { after, count }, [id = ""]) => {
        const answer = await run.client().call(schedules.occurrences, { params: { id }, query: { after, count } });
        if (run.terminal.json) return run.terminal.print(jsonText(answer));
        return printOccurrences(readAnswer(schedules.occurrences, answer), run.terminal);
      }),
    );
}

function addChanging(group: Command, context: Context): void {
  const patch = group.command("patch <id>").description("change fields of a schedule; what is not sent yet follows");
  throughApi(describing(patch), { urlIsTaken: true })
    .option("--key <text>", "your own name for it, unique")
    .option("--unset <field>", "take a field away, such as until; may be given several times", each)
    .option("--force", "whatever was changed meanwhile")
    .action(
      action<ScheduleOptions & Forced>(context, async (run, options, [id = ""]) => {
        const body = await scheduleText(options, run.terminal);
        const headers = { "if-match": await seen(run, id, options), "content-type": "application/merge-patch+json" };
        const answer = await run.client().call(schedules.change, { params: { id }, body, headers });
        await printSchedule(run, schedules.change, answer, "changed");
      }),
    );

  throughApi(group.command("delete <id>").description("end a schedule; its open events are cancelled"))
    .option("--force", "whatever was changed meanwhile")
    .action(
      action<Forced>(context, async (run, options, [id = ""]) => {
        const headers = { "if-match": await seen(run, id, options) };
        await run.client().call(schedules.remove, { params: { id }, headers });
        if (run.terminal.json) await run.terminal.print(JSON.stringify({ id, deleted: true }));
        else await run.terminal.print(run.terminal.quiet ? id : `${id} is gone`);
      }),
    );

  for (const { name, operation, done } of SWITCHES) {
    throughApi(group.command(`${name} <id>`).description(operation.summary))
      .option("--note <text>", "why; it is kept in the audit log")
      .action(
        action<Noted>(context, async (run, { note }, [id = ""]) => {
          const answer = await run.client().call(operation, { params: { id }, body: JSON.stringify({ note }) });
          await printSchedule(run, operation, answer, done);
        }),
      );
  }

  throughApi(group.command("run <id>").description("send its request now, beside its series"))
    .option("--note <text>", "why; it is kept in the audit log")
    .option("--idempotency-key <text>", "said again with the same key nothing is sent twice (a new one)")
    .action(
      action<Noted & { idempotencyKey?: string }>(context, async (run, { note, idempotencyKey }, [id = ""]) => {
        const call: Call = { params: { id }, body: JSON.stringify({ note }) };
        const answer = await once(run, schedules.run, call, idempotencyKey ?? randomUUID());
        if (run.terminal.json) return run.terminal.print(jsonText(answer));
        const event = readAnswer(schedules.run, answer);
        return run.terminal.print(run.terminal.quiet ? event.id : eventFacts(event, run.terminal));
      }),
    );
}

const SWITCHES = [
  { name: "pause", operation: schedules.pause, done: "paused" },
  { name: "resume", operation: schedules.resume, done: "resumed" },
] as const;

/** Done once for a key. Where it is not known whether it was done, the key is told: with it, it may be said again. */
async function once(run: Run, operation: Operation, call: Call, key: string): Promise<Answer> {
  try {
    return await run.client().call(operation, { ...call, headers: { "idempotency-key": key } });
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== EXIT.unavailable) throw error;
    const hint = `to try again without doing it twice, add --idempotency-key ${key}`;
    throw new Failure(error.exitCode, error.message, [...error.details, hint]);
  }
}

/** The revision that a change is for: the one that is there now, or any. */
async function seen(run: Run, id: string, { force }: Forced): Promise<string> {
  if (force === true) return "*";
  const { etag } = (await run.client().call(schedules.get, { params: { id } })).headers;
  if (etag === undefined) throw usage("the API does not say which revision this is: add --force");
  return etag;
}

type OneSchedule = (typeof schedules)["create" | "put" | "get" | "change" | "pause" | "resume"];

async function printSchedule({ terminal }: Run, operation: OneSchedule, answer: Answer, remark?: string) {
  if (terminal.json) return terminal.print(jsonText(answer));
  const schedule = readAnswer(operation, answer);
  if (terminal.quiet && remark !== undefined) return terminal.print(schedule.id);
  await terminal.print(scheduleFacts(schedule, rawField(answer.text, "payload"), terminal));
  if (remark !== undefined) terminal.say(remark);
}
