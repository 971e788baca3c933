import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parse } from "yaml";
import { configOf, type Declared, type ProjectConfig } from "./config.js";

/** A project as its Pulumi.yaml tells of it. */
export interface Project {
  readonly name: string;
  readonly root: string;
  /** Where its program runs, and what of that folder it is. */
  readonly folder: string;
  readonly entry: string;
  readonly configFolder: string;
  readonly declared: Readonly<Record<string, Declared>>;
}

/** A stack's settings as its file has them, by whole keys. */
export type StackSettings = Readonly<Record<string, unknown>>;

interface ProjectFile {
  readonly name: string;
  readonly main?: string;
  readonly stackConfigDir?: string;
  readonly config?: Readonly<Record<string, Declared>>;
}

export async function readProject(root: string): Promise<Project> {
  const {
    name,
    main = ".",
    stackConfigDir = ".",
    config = {},
  } = (await readYaml(path.join(root, "Pulumi.yaml"))) as ProjectFile;
  const program = path.resolve(root, main);
  const inside = !path.relative(root, program).startsWith("..");
  if (path.isAbsolute(main) || !inside)
    throw new RangeError(`main of Pulumi.yaml must be a folder or a file below it, and is ${main}`);
  const isFolder = (await stat(program)).isDirectory();
  return {
    name,
    root,
    folder: isFolder ? program : path.dirname(program),
    entry: isFolder ? "." : path.basename(program),
    configFolder: path.resolve(root, stackConfigDir),
    declared: config,
  };
}

/** The stacks that have a file. */
export async function stacksOf({ configFolder }: Project): Promise<readonly string[]> {
  const files = await readdir(configFolder);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).toSorted();
}

export async function readSettings({ configFolder }: Project, stack: string): Promise<StackSettings> {
  const file = (await readYaml(path.join(configFolder, `Pulumi.${stack}.yaml`))) as {
    readonly config?: StackSettings;
  } | null;
  return file?.config ?? {};
}

/** What a stack's program is told. */
export function stackConfig({ name, declared }: Project, stack: string, settings: StackSettings): ProjectConfig {
  return configOf({ project: name, stack }, declared, settings);
}

async function readYaml(file: string): Promise<unknown> {
  return parse(await readFile(file, "utf8")) as unknown;
}
