import type { handleUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { status } from "@grpc/grpc-js";
import { specialSecretSig, specialSigKey } from "@pulumi/pulumi/runtime/rpc.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";

export type Fields = Readonly<Record<string, unknown>>;

/** What is refused, in words for whoever wrote the program. */
export class Refusal extends Error {}

/** A function as a method of gRPC. What it throws is told to the caller. */
export function unary<Asked, Answer>(
  answer: (asked: Asked) => Promise<Answer> | Answer,
): handleUnaryCall<Asked, Answer> {
  return ({ request }, done) => {
    void answered(answer, request, done);
  };
}

async function answered<Asked, Answer>(
  answer: (asked: Asked) => Promise<Answer> | Answer,
  asked: Asked,
  done: sendUnaryData<Answer>,
): Promise<void> {
  try {
    done(null, await answer(asked));
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    done({ code: error instanceof Refusal ? status.INVALID_ARGUMENT : status.INTERNAL, details });
  }
}

export function structOf(fields: Fields): Struct {
  // What is undefined has no place on the wire.
  return structs.Struct.fromJavaScript(JSON.parse(JSON.stringify(fields)) as Record<string, JavaScriptValue>);
}

export function fieldsOf(struct: Struct | undefined): Fields {
  return struct?.toJavaScript() ?? {};
}

export function secretOf(value: unknown): Fields {
  return { [specialSigKey]: specialSecretSig, value };
}

export function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    new Map<string, unknown>(Object.entries(value)).get(specialSigKey) === specialSecretSig
  );
}
