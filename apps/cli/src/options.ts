import { type Command, InvalidArgumentError, Option } from "commander";

/** What an option's text is read as, and what is wrong with it. */

export function whole({ min, max }: { readonly min: number; readonly max: number }) {
  return (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

export function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** An option that may be given several times. */
export function each(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** A day stands for its start in UTC. */
export function instant(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return instant(`${text}T00:00:00Z`);
  const [, day = "", rest = ""] = /^(\d{4}-\d{2}-\d{2})T(.*(?:Z|[+-]\d{2}:\d{2}))$/.exec(text) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const real = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  if (day !== "" && rest !== "" && real && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It must be an instant such as 2027-03-14T09:00:00Z, or a day.");
}

/** For a command that speaks to the API. Where `--url` says where events go, it cannot say where the API is. */
export function throughApi(command: Command, { urlIsTaken = false } = {}): Command {
  command
    .option("--api <url>", "where the API is (PUNCTUAL_URL, else http://127.0.0.1:7700)")
    .option("--timeout <seconds>", "how long one answer may take (30)", whole({ min: 1, max: 86_400 }));
  if (urlIsTaken) return command;
  return command
    .addOption(new Option("--url <url>", "the same as --api").hideHelp())
    .on("option:url", (url: string) => void command.setOptionValue("api", url));
}

export function paging(command: Command): Command {
  return command
    .option("--limit <number>", "how many on a page, up to 200 (50)", whole({ min: 1, max: 200 }))
    .option("--cursor <text>", "the page that follows the one that told it")
    .option("--all", "all pages, one after the other");
}

export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values);
}
