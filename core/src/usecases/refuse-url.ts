import { InvalidInput, type Problem } from "../errors.js";
import type { DestinationInput } from "../destinations/parse-destination.js";
import type { Sender } from "../ports/sender.js";
import type { Target, Targets } from "../schedules/parse-schedule.js";

export type Senders = ReadonlyMap<string, Sender>;

/** Throws where a destination is of a kind that nobody here can send to, or at a URL that may not be called. */
export async function refuseUrl(destination: DestinationInput, senders: Senders): Promise<void> {
  throwIfAny(await problemsOf(destination, senders, ""));
}

/** The same for the destinations that are described in a schedule. Done before its transaction begins: a name is looked up. */
export async function refuseUrls(targets: Targets, senders: Senders): Promise<void> {
  const { destination, onSuccess, onFailure } = targets;
  const of = async (target: Target | null, pointer: string) =>
    target !== null && "inline" in target ? problemsOf(target.inline, senders, `${pointer}/destination`) : [];
  const problems = [of(destination, ""), of(onSuccess, "/onSuccess"), of(onFailure, "/onFailure")];
  throwIfAny((await Promise.all(problems)).flat());
}

async function problemsOf(
  { kind, url }: DestinationInput,
  senders: Senders,
  pointer: string,
): Promise<readonly Problem[]> {
  const sender = senders.get(kind);
  if (sender === undefined) {
    const message = `Must be one of ${[...senders.keys()].join(", ")}`;
    return [{ pointer: `${pointer}/kind`, code: "unknown_kind", message }];
  }
  const objection = await sender.objection(url);
  return objection === null ? [] : [{ pointer: `${pointer}/url`, ...objection }];
}

function throwIfAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new InvalidInput(problems);
}
