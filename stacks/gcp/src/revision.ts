import { type Input, jsonStringify, type Output } from "@pulumi/pulumi";
import { createHash } from "node:crypto";

/** What was built and how it is told to run, in one name: whatever changes makes a new one. */
export function revisionOf(service: string, template: Input<object>): Output<string> {
  return jsonStringify(template).apply((text) => `${service}-${digestOf(text)}`);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
