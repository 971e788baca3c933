import { pino, type DestinationStream } from "pino";
import { LogTelemetry } from "../src/logs/log-telemetry.js";

/** Keeps what a log has written, line by line. */
export class Lines implements DestinationStream {
  readonly texts: string[] = [];

  write(text: string): void {
    this.texts.push(text);
  }

  get parsed(): readonly Readonly<Record<string, unknown>>[] {
    return this.texts.map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  }
}

export function logTo(lines: DestinationStream, level = "debug"): LogTelemetry {
  return new LogTelemetry(pino({ level, base: null }, lines));
}
