import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import type { Cloud, Settings } from "./checkout.js";

/**
 * Stands for the command line of Pulumi: keeps what it is called with in `calls.jsonl`, and answers from the files of its folder.
 * What `up` does is what stacks/gcp does with a service's traffic.
 */
const [name = "", ...args] = process.argv.slice(2);
const here = process.cwd();
const fileOf = (one: string) => path.join(here, one);
const after = (flag: string) => args[args.indexOf(flag) + 1] ?? "";
const settingsFile = () => fileOf(`stacks/config/Pulumi.${after("--stack")}.yaml`);

await appendFile(fileOf("calls.jsonl"), `${JSON.stringify([name, ...args])}\n`);
const faults = JSON.parse(await readFile(fileOf("faults.json"), "utf8")) as Readonly<Record<string, string>>;
const fault = faults[name];
if (fault === undefined) await answer();
else {
  process.stderr.write(`${fault}\n`);
  process.exitCode = 255;
}

async function answer(): Promise<void> {
  switch (name) {
    case "version":
      return print("v3.270.0");
    case "preview":
      await writeFile(
        after("--save-plan"),
        JSON.stringify({ manifest: {}, of: await readFile(fileOf("next.json"), "utf8") }),
      );
      return print("Previewing update");
    case "up":
      await up();
      return print("{}");
    case "stack":
      return print(await readFile(fileOf("outputs.json"), "utf8"));
    case "config":
      return setAll();
    default:
      process.exitCode = 1;
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What the next version makes is in `next.json`, as outputs; of each target the traffic is as the settings say. */
async function up(): Promise<void> {
  const next = await readFile(fileOf("next.json"), "utf8");
  await writeFile(fileOf("outputs.json"), next);
  const { config } = parse(await readFile(settingsFile(), "utf8")) as Settings;
  const { releases } = JSON.parse(next) as { readonly releases: readonly { workload: string; revision: string }[] };
  const cloud: Cloud = {};
  for (const { workload, revision } of releases) {
    const { stable, percent } = config["punctual:gcp"]?.traffic?.[workload] ?? { stable: revision, percent: 100 };
    cloud[workload] =
      stable === revision || percent === 100
        ? [{ revision, percent: 100 }]
        : [
            { revision: stable, percent: 100 - percent },
            { revision, percent },
          ];
  }
  await writeFile(fileOf("cloud.json"), JSON.stringify(cloud));
}

async function setAll(): Promise<void> {
  const settings = parse(await readFile(settingsFile(), "utf8")) as Settings;
  const gcp = settings.config["punctual:gcp"];
  if (gcp === undefined) throw new RangeError("there are no shares on another cloud");
  for (const [, workload = "", field = "", value = ""] of args.flatMap((arg) => {
    const found = /^punctual:gcp\.traffic\.([^.]+)\.(stable|percent)=(.*)$/.exec(arg);
    return found === null ? [] : [found];
  })) {
    gcp.traffic ??= {};
    const share = (gcp.traffic[workload] ??= { stable: "", percent: 0 });
    Object.assign(share, { [field]: field === "percent" ? Number(value) : value });
  }
  await writeFile(settingsFile(), stringify(settings));
}
