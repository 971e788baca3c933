import type { StoresConfig } from "./config.js";

export interface WelcomeOptions {
  readonly url: string;
  readonly stores: StoresConfig;
  readonly tookMs: number;
}

/** What whoever has started the platform reads first. */
export function welcome({ url, stores, tookMs }: WelcomeOptions): string {
  return `
Punctual is ready after ${(tookMs / 1_000).toFixed(1)} s: ${url}
No token is asked for, as only this machine can reach it. Read and try the API: ${url}/docs

Schedule an event ten seconds from now, and see it arrive here:

  curl -s ${url}/v1/schedules -H 'content-type: application/json' -d '{
    "type": "hello", "timeZone": "Etc/UTC", "payload": {"text": "It is time"},
    "when": {"at": "'$(node -p 'new Date(Date.now() + 10e3).toISOString().slice(0, 19)')'"},
    "destination": {"url": "${url}/inbox"}}'

Arrived so far: ${url}/inbox. Stop it by Ctrl-C. ${keptIn(stores)}
`;
}

function keptIn(stores: StoresConfig): string {
  switch (stores.kind) {
    case "memory":
      return "Nothing is kept when it stops.";
    case "embedded":
      return `Data stay in ${stores.dataDir}; to reset, stop and remove it.`;
    case "given":
      return "Data stay in the database that you gave it.";
  }
}
