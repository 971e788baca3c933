import type { Clock, Telemetry, Transport, TransportCapabilities } from "@punctual/core";

/** Of this interface. It rises when a transport that was written for the one before would no longer do its work. */
export const API_VERSION = 1;

/** What a program is told about a transport, so that it can be chosen by configuration. */
export interface TransportDefinition<Config> {
  readonly name: string;
  /** `API_VERSION`, of the SDK that it was written with. */
  readonly apiVersion: number;
  readonly capabilities: TransportCapabilities;
  /** Reads the variables that begin with `PUNCTUAL_TRANSPORT_`: a schema of Zod, Valibot or ArkType, for instance. */
  readonly config: StandardSchema<Config>;
  create(context: TransportContext<Config>): OpenedTransport | Promise<OpenedTransport>;
}

export interface TransportContext<Config> {
  readonly config: Config;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** For envelopes: the same in every process of an installation. */
  readonly keys: readonly Uint8Array[];
}

/** A transport in one process, and how to end with it. */
export interface OpenedTransport {
  readonly transport: Transport;
  /** Throws, as `unavailable`, unless messages can be sent and received. */
  check(): Promise<void>;
  /** Ends what it has opened. Nobody consumes any more. */
  close(): Promise<void>;
}

/** As much of [Standard Schema](https://standardschema.dev) as is asked of a schema. */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

/** Gives a definition its types. */
export function defineTransport<Config>(definition: TransportDefinition<Config>): TransportDefinition<Config> {
  return definition;
}
