/** What the program, or whoever ran it, has said. */
export interface Diagnostic {
  readonly severity: "info" | "warning" | "error";
  readonly message: string;
}
