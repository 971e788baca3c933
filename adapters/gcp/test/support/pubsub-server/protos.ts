import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { createRequire } from "node:module";
import protobuf from "protobufjs";

/** What Google's own client speaks, from the package that it speaks it with. */
const root = protobuf.Root.fromJSON(
  createRequire(import.meta.url)("@google-cloud/pubsub-api/build/protos/protos.json") as protobuf.INamespace,
);

/** The service of this name, for a gRPC server whose handlers take and answer plain objects. */
export function serviceOf(name: "Publisher" | "Subscriber"): ServiceDefinition {
  const service = root.lookupService(`google.pubsub.v1.${name}`);
  const methods = service.methodsArray.map((method): [string, MethodDefinition<object, object>] => {
    method.resolve();
    const { resolvedRequestType: asked, resolvedResponseType: answered } = method;
    if (asked === null || answered === null) throw new Error(`${method.name} has no types`);
    const [request, response] = [codecOf(asked), codecOf(answered)];
    return [
      method.name,
      {
        path: `/google.pubsub.v1.${name}/${method.name}`,
        requestStream: method.requestStream === true,
        responseStream: method.responseStream === true,
        ...{ requestSerialize: request.write, requestDeserialize: request.read },
        ...{ responseSerialize: response.write, responseDeserialize: response.read },
      },
    ];
  });
  return Object.fromEntries(methods);
}

function codecOf(type: protobuf.Type) {
  return {
    read: (bytes: Buffer): object =>
      type.toObject(type.decode(bytes), { longs: Number, enums: String, bytes: Buffer, arrays: true, objects: true }),
    write: (value: object): Buffer => Buffer.from(type.encode(type.fromObject(value)).finish()),
  };
}
