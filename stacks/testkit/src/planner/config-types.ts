/** The type of a key of configuration, as Pulumi.yaml writes it. */
export interface ConfigType {
  readonly type: string;
  /** Of an array: what it holds. */
  readonly items?: ConfigType;
}

/** Whether a value is of a type. Numbers and truths may have been written as texts. */
export function fits({ type, items }: ConfigType, value: unknown): boolean {
  switch (type) {
    case "string":
      // YAML that is no text, as a number, becomes one on its way to the program.
      return typeof value !== "object";
    case "integer":
      return /^-?\d+$/.test(String(value));
    case "boolean":
      return value === true || value === false || value === "true" || value === "false";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return Array.isArray(value) && items !== undefined && value.every((item) => fits(items, item));
    default:
      return false;
  }
}

/** `array<string>`. */
export function nameOf({ type, items }: ConfigType): string {
  return items === undefined ? type : `${type}<${nameOf(items)}>`;
}
