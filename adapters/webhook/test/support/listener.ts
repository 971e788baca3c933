import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo, type Server, type Socket } from "node:net";
import type { TLSSocket, TlsOptions } from "node:tls";

/** A server on a port of 127.0.0.1 that shows what has reached it. */
export interface Listener {
  readonly port: number;
  /** Connections, whether or not anything came over them. */
  readonly sockets: Socket[];
  /** Requests, as the names and protocols that TLS was agreed upon for. */
  readonly requests: { sni: unknown; alpn: unknown; host: unknown }[];
  close(): Promise<void>;
}

/** Answers each request with 204; over TLS when options for it are given. */
export async function listen(tls?: TlsOptions): Promise<Listener> {
  const requests: Listener["requests"] = [];
  const answer: http.RequestListener = (request, response) => {
    const { servername: sni, alpnProtocol: alpn } = request.socket as TLSSocket;
    requests.push({ sni, alpn, host: request.headers.host });
    response.writeHead(204).end();
  };
  const server = tls === undefined ? http.createServer(answer) : https.createServer(tls, answer);
  return { ...(await opened(server)), requests };
}

/** Does with each connection what is given, by default nothing. */
export async function listenRaw(serve: (socket: Socket) => void = () => undefined): Promise<Listener> {
  return { ...(await opened(net.createServer(serve))), requests: [] };
}

async function opened(server: Server): Promise<Omit<Listener, "requests">> {
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => {
    sockets.push(socket.on("error", () => undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, sockets, close };
}
