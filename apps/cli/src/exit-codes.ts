/** What the program ends with. Scripts match on it, so a number never changes its meaning. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  missing: 3,
  conflict: 4,
  forbidden: 5,
  unavailable: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: "it was done" },
  { code: EXIT.failure, meaning: "it was not, or not all of it: a refused line, a difference, a failed check" },
  {
    code: EXIT.usage,
    meaning: "what was asked for is wrong: an option, a file, or a field that the API refused (422)",
  },
  { code: EXIT.missing, meaning: "there is nothing of that id or key" },
  { code: EXIT.conflict, meaning: "the state of things forbids it, or it has changed meanwhile (409, 412)" },
  { code: EXIT.forbidden, meaning: "no token, a wrong one, or one that may not do this (401, 403)" },
  { code: EXIT.unavailable, meaning: "the API or the database is away, or too busy; try again" },
  { code: EXIT.interrupted, meaning: "interrupted by Ctrl-C" },
];

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.usage,
  413: EXIT.usage,
  415: EXIT.usage,
  422: EXIT.usage,
  404: EXIT.missing,
  409: EXIT.conflict,
  412: EXIT.conflict,
  428: EXIT.conflict,
  401: EXIT.forbidden,
  403: EXIT.forbidden,
  408: EXIT.unavailable,
  429: EXIT.unavailable,
  502: EXIT.unavailable,
  503: EXIT.unavailable,
  504: EXIT.unavailable,
};

/** Of an answer of the API that is a refusal. */
export const exitCodeOf = (status: number): ExitCode => BY_STATUS[status] ?? EXIT.failure;
