import { type Input, jsonStringify, type Output } from "@pulumi/pulumi";
import type { Place } from "./arns.js";

export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** One statement of a policy. `T` is a text in tests, and may be known later elsewhere. */
export interface Statement<T = Input<string>> {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  /** Whom it is for; of an identity's own policies that is said by where they are. */
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: readonly string[];
  readonly Resource: readonly T[];
  readonly Condition?: Condition;
}

export function policyOf(statements: readonly Statement[]): Output<string> {
  return jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** Who may take a role: one service, for this account alone, and for what `source` names where that is known. */
export function trustOf(service: string, { accountId }: Pick<Place, "accountId">, source?: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ...(source !== undefined && { ArnLike: { "aws:SourceArn": source } }),
        },
      },
    ],
  });
}
