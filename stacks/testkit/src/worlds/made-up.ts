import { hash } from "node:crypto";
import type { Asked } from "../world.js";

// Values that look like a provider's, and are the same each time.

export type Fields = Readonly<Record<string, unknown>>;

export function hexOf({ type, name }: Asked, length: number): string {
  return hash("sha256", `${type} ${name}`).slice(0, length);
}

export function uuidOf(asked: Asked): string {
  const hex = hexOf(asked, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join("-");
}

export function digitsOf(asked: Asked, length: number): string {
  const digits = BigInt(`0x${hexOf(asked, 32)}`).toString();
  return `1${digits.slice(0, length - 1)}`;
}

/** The name that it was given under one of these inputs; else one that Pulumi makes: its own with seven digits behind. */
export function physicalNameOf(asked: Asked, ...inputs: readonly string[]): string {
  const given = [...inputs, "name"].map((input) => asked.inputs[input]).find((one) => typeof one === "string");
  if (given !== undefined) return given;
  const prefix = asked.inputs["namePrefix"];
  return typeof prefix === "string" ? `${prefix}${hexOf(asked, 7)}` : `${asked.name}-${hexOf(asked, 7)}`;
}

export function textOf(asked: Asked, input: string, otherwise: string): string {
  const given = asked.inputs[input];
  return typeof given === "string" && given !== "" ? given : otherwise;
}
