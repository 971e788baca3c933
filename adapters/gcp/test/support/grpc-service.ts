import { credentials, Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";
import { Fault, type FaultCode } from "./rest-service.js";

/** A message of Protocol Buffers, as Google's libraries bring them along. */
interface MessageType<T> {
  decode(bytes: Uint8Array): T;
  encode(message: T): { finish(): Uint8Array };
}

export interface Method {
  readonly path: string;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (answer: unknown) => Buffer;
  readonly answer: (request: unknown) => unknown;
}

/** By its path, such as `/google.cloud.tasks.v2.CloudTasks/CreateTask`. */
export function method<Q, A>(
  path: string,
  asked: MessageType<Q>,
  answered: MessageType<A>,
  answer: (request: Q) => A,
): Method {
  return {
    path,
    requestDeserialize: (bytes) => asked.decode(bytes),
    responseSerialize: (value) => Buffer.from(answered.encode(value as A).finish()),
    answer: (request) => answer(request as Q),
  };
}

const CODES: Readonly<Partial<Record<FaultCode, number>>> = { INVALID_ARGUMENT: 3, NOT_FOUND: 5, UNAVAILABLE: 14 };

/** A service that speaks gRPC on loopback, without TLS. */
export async function grpcService(methods: readonly Method[]) {
  const server = new Server();
  const definition: ServiceDefinition = Object.fromEntries(
    methods.map((one) => [
      one.path,
      {
        ...{ path: one.path, requestStream: false, responseStream: false },
        ...{ requestDeserialize: one.requestDeserialize, responseSerialize: one.responseSerialize },
        requestSerialize: () => Buffer.alloc(0),
        responseDeserialize: () => null,
      },
    ]),
  );
  const handlers: Record<string, UntypedHandleCall> = {};
  for (const { path, answer } of methods) {
    handlers[path] = (call: { readonly request: unknown }, done: (error: object | null, value?: unknown) => void) => {
      try {
        done(null, answer(call.request));
      } catch (error) {
        const { code, message } = error instanceof Fault ? error : new Fault("INVALID_ARGUMENT", String(error));
        done({ code: CODES[code] ?? 2, details: message });
      }
    };
  }
  server.addService(definition, handlers);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  const port = await promise;
  return {
    /** What a client of Google is made with to ask it. */
    options: {
      ...{ servicePath: "127.0.0.1", port, sslCreds: credentials.createInsecure() },
      // Or it would look for somebody to ask for some.
      authClient: new PassThroughClient(),
    },
    stop: () => server.forceShutdown(),
  };
}
