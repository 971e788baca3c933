import { InvalidInput, type Problem } from "../errors.js";
import { rawField } from "../input/raw-field.js";
import type { Ids } from "../ports/ids.js";
import type { Transaction, UnitOfWork } from "../ports/unit-of-work.js";
import type { Recurrence } from "../recurrence/recurrence.js";
import { parseSchedule, type ScheduleInput, type Targets } from "../schedules/parse-schedule.js";
import { newSchedule, NOTHING_AHEAD, planFirst } from "./create-schedule.js";
import { type Destinations, destinationsFor } from "./destination-for.js";
import { refuseUrls, type Senders } from "./refuse-url.js";

export interface ImportSchedulesDeps {
  readonly unitOfWork: UnitOfWork;
  readonly recurrence: Recurrence;
  readonly ids: Ids;
  readonly senders: Senders;
}

export interface RefusedLine {
  /** From 1. */
  readonly line: number;
  readonly problems: readonly Problem[];
}

export type ImportProgress =
  | { readonly kind: "refused"; readonly line: RefusedLine }
  | { readonly kind: "progress"; readonly lines: number; readonly created: number; readonly known: number };

const BATCH = 500;
export const LONGEST_LINE = 512 * 1024;

/**
 * Makes a schedule of each line of JSON. Lines that are wrong are told, the rest is kept; one whose key is there already
 * is left as it is, so an import that was cut short is simply run again. Whoever reads the answers sets the pace.
 */
export class ImportSchedules {
  readonly #deps: ImportSchedulesDeps;

  constructor(deps: ImportSchedulesDeps) {
    this.#deps = deps;
  }

  async *run(tenant: string, lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<ImportProgress> {
    let number = 0;
    let [created, known] = [0, 0];
    let batch: ParsedLine[] = [];
    const keys = new Set<string>();
    const looks = new UrlLooks(this.#deps.senders);
    for await (const text of lines) {
      number++;
      if (text.trim() === "") continue;
      const parsed = firstOfKey(await looks.look(this.#parse(text, number)), keys);
      if ("problems" in parsed) yield { kind: "refused", line: parsed };
      else batch.push(parsed);
      if (batch.length < BATCH) continue;
      yield* store.call(this, batch);
      batch = [];
    }
    if (batch.length > 0) yield* store.call(this, batch);
    yield { kind: "progress", lines: number, created, known };

    async function* store(this: ImportSchedules, some: readonly ParsedLine[]): AsyncGenerator<ImportProgress> {
      const done = await this.#store(tenant, some);
      created += done.created;
      known += done.known;
      for (const line of done.refused) yield { kind: "refused", line };
      yield { kind: "progress", lines: number, created, known };
    }
  }

  #parse(text: string, line: number): ParsedLine | RefusedLine {
    try {
      if (text.length > LONGEST_LINE) throw refusal("too_long", `Must have at most ${LONGEST_LINE} characters`);
      const json: unknown = parseJson(text);
      return { line, input: parseSchedule(json, rawField(text, "payload") ?? null, this.#deps.recurrence.zones) };
    } catch (error) {
      if (error instanceof InvalidInput) return { line, problems: error.problems };
      throw error;
    }
  }

  async #store(tenant: string, batch: readonly ParsedLine[]): Promise<Stored> {
    return this.#deps.unitOfWork.run(tenant, async (transaction) => {
      const refused: RefusedLine[] = [];
      const fresh = await this.#fresh(tenant, batch, transaction, refused);
      const ready = planFirst(
        fresh.map(({ schedule }) => schedule),
        transaction.now,
        this.#deps.recurrence,
      );
      const going = new Set(ready.map(({ schedule }) => schedule.id));
      for (const { line, schedule } of fresh) {
        if (!going.has(schedule.id)) refused.push({ line, problems: [NOTHING_AHEAD] });
      }
      await transaction.schedules.add(ready.map(({ schedule }) => schedule));
      await transaction.events.add(ready.map(({ event }) => event));
      const known = batch.length - ready.length - refused.length;
      return { created: ready.length, known, refused: refused.sort((one, other) => one.line - other.line) };
    });
  }

  /** New schedules for the lines whose key is new. */
  async #fresh(tenant: string, batch: readonly ParsedLine[], transaction: Transaction, refused: RefusedLine[]) {
    const { ids } = this.#deps;
    const { now } = transaction;
    const known = await transaction.schedules.knownKeys(batch.flatMap(({ input }) => input.key ?? []));
    const destinations = new Map<string, Promise<Destinations>>();
    const fresh = [];
    for (const { line, input } of batch) {
      if (input.key !== null && known.has(input.key)) continue;
      try {
        // Many lines name the same destinations: they are looked up once.
        const name = targetsName(input);
        const found = destinations.get(name) ?? destinationsFor(input, { transaction, tenant, ids });
        destinations.set(name, found);
        const facts = { id: ids.next(), tenant, destinations: await found, now };
        fresh.push({ line, schedule: newSchedule(input, facts) });
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error;
        refused.push({ line, problems: error.problems });
      }
    }
    return fresh;
  }
}

/** Judges the URLs of many lines, each of them once for as long as it is remembered. */
class UrlLooks {
  readonly #senders: Senders;
  readonly #known = new Map<string, readonly Problem[]>();

  constructor(senders: Senders) {
    this.#senders = senders;
  }

  async look(parsed: ParsedLine | RefusedLine): Promise<ParsedLine | RefusedLine> {
    if ("problems" in parsed) return parsed;
    const name = targetsName(parsed.input);
    const problems = this.#known.get(name) ?? (await this.#problemsOf(parsed.input));
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(name, problems);
    return problems.length === 0 ? parsed : { line: parsed.line, problems };
  }

  async #problemsOf(targets: Targets): Promise<readonly Problem[]> {
    try {
      await refuseUrls(targets, this.#senders);
      return [];
    } catch (error) {
      if (error instanceof InvalidInput) return error.problems;
      throw error;
    }
  }
}

const MOST_REMEMBERED = 10_000;

function targetsName({ destination, onSuccess, onFailure }: Targets): string {
  return JSON.stringify([destination, onSuccess, onFailure]);
}

interface ParsedLine {
  readonly line: number;
  readonly input: ScheduleInput;
}

interface Stored {
  readonly created: number;
  readonly known: number;
  readonly refused: readonly RefusedLine[];
}

/** Refuses the second of two lines with one key. */
function firstOfKey(parsed: ParsedLine | RefusedLine, keys: Set<string>): ParsedLine | RefusedLine {
  if ("problems" in parsed || parsed.input.key === null) return parsed;
  const problem = { pointer: "/key", code: "key_taken", message: "Stands on a line before" };
  if (keys.has(parsed.input.key)) return { line: parsed.line, problems: [problem] };
  keys.add(parsed.input.key);
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal("not_json", "Must be one JSON object on one line");
  }
}

function refusal(code: string, message: string): InvalidInput {
  return new InvalidInput([{ pointer: "", code, message }]);
}
