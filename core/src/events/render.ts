import type { Content, ScheduledEvent } from "./event.js";

/**
 * The body of a request. The payload's own text goes into it as it was received, so that numbers, spacing and the order of
 * keys survive; only a template's `{{names}}` are replaced, by text that is safe inside a JSON string.
 */
export function renderBody(event: Pick<ScheduledEvent, "dueAt">, content: Content): string {
  const data = content.subject === null ? content.payload : fill(content.payload, content.subject);
  const type = JSON.stringify(content.type);
  return `{"type":${type},"timestamp":"${event.dueAt.toISOString()}","data":${data}}`;
}

/** Names that nothing is known of stay as they are. */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w{1,64})\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? JSON.stringify(values[name]).slice(1, -1) : whole,
  );
}
