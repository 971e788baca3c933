import { SQSClient } from "@aws-sdk/client-sqs";
import { connect } from "node:net";
import { startFauxqs } from "fauxqs";
import { endpointOfMoto, NO_MOTO } from "./moto.js";
import { clientAt, type QueueSite } from "./sqs-harness.js";

/** Something that speaks SQS, and how well. */
export interface SqsServer extends Omit<QueueSite, "client" | "endpoint"> {
  readonly name: string;
  /** Why it is not asked; null if it is. */
  readonly absent: string | null;
  open(): Promise<{ readonly client: SQSClient; readonly endpoint: string | null; stop(): Promise<void> }>;
}

const inProcess: SqsServer = {
  name: "fauxqs, in this process",
  absent: null,
  patienceMs: 1_500,
  visibilitySeconds: 5,
  ...{ atOnce: 20, blockable: true },
  open: async () => {
    const server = await startFauxqs({ port: 0, host: "127.0.0.1", logger: false });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const client = clientAt(endpoint);
    return {
      ...{ client, endpoint },
      stop: async () => {
        client.destroy();
        await server.stop();
      },
    };
  },
};

const moto: SqsServer = {
  name: "moto",
  absent: NO_MOTO,
  patienceMs: 3_000,
  visibilitySeconds: 8,
  ...{ atOnce: 14, blockable: true },
  open: async () => {
    const endpoint = await endpointOfMoto();
    const client = clientAt(endpoint);
    return { client, endpoint, stop: async () => client.destroy() };
  },
};

const LOCALSTACK = "localstack/localstack:4";

const localstack: SqsServer = {
  name: "LocalStack",
  absent: (await hasEngine()) ? null : "no container engine answers",
  patienceMs: 3_000,
  visibilitySeconds: 8,
  ...{ atOnce: 14, blockable: true },
  open: async () => {
    const { GenericContainer, Wait } = await import("testcontainers");
    const container = await new GenericContainer(LOCALSTACK)
      .withEnvironment({ SERVICES: "sqs" })
      .withExposedPorts(4566)
      .withWaitStrategy(Wait.forHttp("/_localstack/health", 4566))
      .start();
    const endpoint = `http://${container.getHost()}:${container.getMappedPort(4566)}`;
    const client = clientAt(endpoint);
    return {
      ...{ client, endpoint },
      stop: async () => {
        client.destroy();
        await container.stop();
      },
    };
  },
};

const real: SqsServer = {
  name: "AWS",
  absent: process.env["PUNCTUAL_TEST_AWS"] === "1" ? null : "PUNCTUAL_TEST_AWS is not 1",
  patienceMs: 5_000,
  visibilitySeconds: 15,
  ...{ atOnce: 10, blockable: false },
  open: async () => {
    const client = new SQSClient({});
    return { client, endpoint: null, stop: async () => client.destroy() };
  },
};

/** Each that is there is asked the same. */
export const SQS_SERVERS: readonly SqsServer[] = [inProcess, moto, localstack, real];

async function hasEngine(dockerHost = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock"): Promise<boolean> {
  if (!dockerHost.startsWith("unix://")) return dockerHost !== "";
  return new Promise((resolve) => {
    const socket = connect(dockerHost.slice("unix://".length));
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
