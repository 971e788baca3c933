import { parseArgs } from "node:util";

/** How an installation is to be visited. */
export interface VisitArguments {
  readonly url: string;
  readonly receiver?: string;
  /** Names of variables: what is on a command line, everybody on the machine sees. */
  readonly tokenEnv?: string;
  readonly secretEnv?: string;
  readonly withinMs: number;
  readonly readOnly: boolean;
}

const WITHIN_SECONDS = 120;

/** Or what is wrong. */
export function readArguments(args: readonly string[]): VisitArguments | string {
  try {
    const text = { type: "string" } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ url: text, receiver: text, within: text, "token-env": text, "secret-env": text },
        "read-only": { type: "boolean", default: false },
      },
    });
    const { url, receiver, within = String(WITHIN_SECONDS), "token-env": tokenEnv, "secret-env": secretEnv } = values;
    if (url === undefined) return "--url says which installation";
    for (const one of [url, ...(receiver === undefined ? [] : [receiver])]) {
      if (!isWeb(one)) return `${one} is no URL of http or https without a user and a password`;
    }
    const seconds = Number(within);
    if (!(seconds >= 1 && seconds <= 3_600)) return "--within is from 1 to 3600 seconds";
    return {
      ...{ url, withinMs: seconds * 1_000, readOnly: values["read-only"] },
      ...(receiver !== undefined && { receiver }),
      ...(tokenEnv !== undefined && { tokenEnv }),
      ...(secretEnv !== undefined && { secretEnv }),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isWeb(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}
