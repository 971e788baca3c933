/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "failed" | "skipped";
  readonly detail: string;
  /** What to do. */
  readonly fix?: string;
}

export const ok = (name: string, detail: string, fix?: string): Check => ({
  ...{ name, state: "ok", detail },
  ...(fix !== undefined && { fix }),
});
export const failed = (name: string, detail: string, fix: string): Check => ({ name, state: "failed", detail, fix });
export const skipped = (name: string, detail: string): Check => ({ name, state: "skipped", detail });
