export interface WelcomeOptions {
  readonly url: string;
  readonly dataDir: string | null;
  readonly tookMs: number;
}

/** What whoever has started the platform reads first. */
export function welcome({ url, dataDir, tookMs }: WelcomeOptions): string {
  const kept =
    dataDir === null ? "Nothing is kept when it stops." : `Data stay in ${dataDir}; to reset, stop and remove it.`;
  return `
Punctual is ready after ${(tookMs / 1_000).toFixed(1)} s: ${url}
No token is asked for, as only this machine can reach it. The API is described in ${url}/openapi.json

Schedule an event ten seconds from now, and see it arrive here:

  curl -s ${url}/v1/schedules -H 'content-type: application/json' -d '{
    "type": "hello", "timeZone": "Etc/UTC", "payload": {"text": "It is time"},
    "when": {"at": "'$(node -p 'new Date(Date.now() + 10e3).toISOString().slice(0, 19)')'"},
    "destination": {"url": "${url}/inbox"}}'

Arrived so far: ${url}/inbox. Stop it by Ctrl-C. ${kept}
`;
}
