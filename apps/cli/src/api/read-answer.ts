import type { Operation } from "@punctual/api/contract";
import type { z } from "zod";
import { EXIT } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { Answer } from "./client.js";

type Bodies<O extends Operation> = O extends Operation ? O["reply"][keyof O["reply"]] : never;
type BodyIn<R> = R extends { readonly schema: infer S extends z.ZodType } ? z.output<S> : never;

/** What an operation answers when it went well. */
export type AnswerOf<O extends Operation> = BodyIn<Bodies<O>>;

/** The body of an answer with its types. Fields that this program does not know yet are passed over. */
export function readAnswer<O extends Operation>(operation: O, { status, text }: Answer): AnswerOf<O> {
  const body = jsonIn(text);
  const read = operation.reply[status]?.schema?.safeParse(body);
  const [wrong] = (read?.error?.issues ?? []).filter(({ code }) => code !== "unrecognized_keys");
  if (read === undefined || wrong !== undefined) {
    const where = wrong === undefined ? `status ${status}` : `/${wrong.path.join("/")}`;
    throw new Failure(EXIT.failure, `the answer is not one that this program knows (${where})`);
  }
  return (read.success ? read.data : body) as AnswerOf<O>;
}

/** The JSON of an answer as the text that it came as: numbers in it keep their digits. */
export function jsonText({ text }: Pick<Answer, "text">): string {
  jsonIn(text);
  return text.trim();
}

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(EXIT.failure, "the answer is no JSON: is this the address of the API?");
  }
}
