import { type Graph, UNKNOWN } from "../graph.js";

/**
 * Inputs that a dry run cannot know and the full run does not have, or has with "undefined" in it: the world did not say
 * an output that they are made of. It stands in stacks/testkit/src/worlds.
 */
export function gapsIn({ full, dry }: { readonly full: Graph; readonly dry: Graph }): readonly string[] {
  return full.resources.flatMap((one) => {
    const before = dry.at(one.urn)?.inputs ?? {};
    return Object.keys(before).flatMap((input) => {
      const value = one.inputs[input];
      if (!JSON.stringify(before[input]).includes(UNKNOWN)) return [];
      if (value !== undefined && !/\bundefined\b/.test(JSON.stringify(value))) return [];
      const of = dry.sourcesOf(dry.at(one.urn) ?? one, input).map(({ type, name }) => `${type} ${name}`);
      return `${one.name} ${one.type}: ${input} is made of what the world does not say of ${of.join(" or ") || "anything"}`;
    });
  });
}
