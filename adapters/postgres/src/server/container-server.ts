import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { Unavailable } from "@punctual/core";
import { LOCALE, type PostgresServer, type ServerOptions, settingArguments } from "./postgres-server.js";

/** The one that `docker-compose.yml` has. */
export const IMAGE = "postgres:16-alpine";
const PORT = 5432;
const SOCKET = "/var/run/docker.sock";
const UNIX = "unix://";

/** Whether an engine for containers answers. `dockerHost` is what DOCKER_HOST says. */
export async function hasEngine(dockerHost = UNIX + SOCKET): Promise<boolean> {
  if (!dockerHost.startsWith(UNIX)) return dockerHost !== "";
  // A client program on the PATH would prove nothing, and asking testcontainers takes half a second.
  return new Promise((resolve) => {
    const socket = connect(dockerHost.slice(UNIX.length));
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** A server in a container of its own, with its data in memory unless they shall be durable. */
export async function startContainer(options: ServerOptions): Promise<PostgresServer> {
  const password = randomBytes(18).toString("base64url");
  try {
    const { GenericContainer, Wait } = await import("testcontainers");
    const image = new GenericContainer(IMAGE)
      .withEnvironment({ POSTGRES_PASSWORD: password, POSTGRES_INITDB_ARGS: LOCALE.join(" ") })
      .withCommand(["postgres", ...settingArguments(options)])
      .withExposedPorts(PORT)
      // The image starts a server twice: the first one only sets up the data.
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2));
    if (!options.durable) image.withTmpFs({ "/var/lib/postgresql/data": "rw" });
    const container = await image.start();
    return {
      url: `postgres://postgres:${password}@${container.getHost()}:${container.getMappedPort(PORT)}/postgres`,
      origin: "container",
      stop: async () => void (await container.stop()),
    };
  } catch (cause) {
    throw new Unavailable(`No container of ${IMAGE} could be started`, { cause });
  }
}
