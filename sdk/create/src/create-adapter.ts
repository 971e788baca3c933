import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Why no project was made, in words for whoever asked; nothing was written. */
export class CannotCreate extends Error {}

const TEMPLATE = fileURLToPath(new URL("../../template/", import.meta.url));
const LONGEST_NAME = 100;

/** Makes a project in a folder that is empty or not there, and answers its files. */
export async function createAdapter(name: string, folder: string): Promise<readonly string[]> {
  const objection = objectionToName(name);
  if (objection !== null) throw new CannotCreate(objection);
  if ((await contentOf(folder)).length > 0)
    throw new CannotCreate(`the folder ${name} is there already, and not empty`);
  const words = name.split(/[._-]+/).filter((word) => word !== "");
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const values = { name, class: `${/^\d/.test(pascal) ? "The" : ""}${pascal}Transport` };
  const files = (await readdir(TEMPLATE, { recursive: true })).filter((file) => file.endsWith(".template"));
  for (const file of files) {
    const text = await readFile(join(TEMPLATE, file), "utf8");
    const path = join(folder, targetOf(file));
    await mkdir(dirname(path), { recursive: true });
    // What somebody else has put there meanwhile stays.
    await writeFile(path, filled(text, values), { flag: "wx" });
  }
  return files.map(targetOf).sort();
}

function objectionToName(name: string): string | null {
  if (name.length > LONGEST_NAME) return `a name has ${LONGEST_NAME} characters at most`;
  if (/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) return null;
  return "a name is made of a-z, 0-9 and single . _ - between them, such as my-queue";
}

async function contentOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new CannotCreate("a file of that name is there already");
    throw error;
  }
}

/** Packages leave out a file that is called `.gitignore`, and take another one from it. */
function targetOf(file: string): string {
  return file.replace(/\.template$/, "").replace(/^gitignore$/, ".gitignore");
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`The template asks for ${key}`);
    return value;
  });
}
