import type { Raw } from "@punctual/stack-blueprint";

/** Of everything that Pulumi was told what is this project's. What is no text comes as JSON. */
export function configOf(project: string, all: Readonly<Record<string, string>>): Raw {
  const mine = Object.entries(all).filter(([key]) => key.startsWith(`${project}:`));
  return Object.fromEntries(mine.map(([key, text]) => [key.slice(project.length + 1), valueOf(text)]));
}

function valueOf(text: string): unknown {
  if (!/^(?:[[{]|-?\d+$|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
