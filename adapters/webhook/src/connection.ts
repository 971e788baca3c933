import type { Socket } from "node:net";
import { type buildConnector, Client, type Dispatcher } from "undici";
import type { Channel, Exchange } from "./exchange.js";
import { type DialTimings, timingsOf } from "./guard/connector.js";

export type Connector = buildConnector.connector;

interface State {
  socket: Socket | null;
  dialled: DialTimings | null;
}

/** undici's client, which has one connection at a time, and what an exchange wants to know of that. */
export class Connection extends Client implements Channel {
  readonly #state: State;

  constructor(origin: URL, options: Client.Options, connect: Connector) {
    const state: State = { socket: null, dialled: null };
    const noting: Connector = (target, callback) =>
      connect(target, (...made) => {
        state.socket = made[1];
        state.dialled = made[1] === null ? null : (timingsOf(made[1]) ?? null);
        callback(...made);
      });
    super(origin, { ...options, connect: noting });
    this.#state = state;
  }

  override dispatch(options: Dispatcher.DispatchOptions, exchange: Exchange): boolean {
    exchange.channel = this;
    return super.dispatch(options, exchange);
  }

  get bytesRead(): number {
    return this.#state.socket?.bytesRead ?? 0;
  }

  takeDialled(): DialTimings | null {
    const { dialled } = this.#state;
    this.#state.dialled = null;
    return dialled;
  }
}
