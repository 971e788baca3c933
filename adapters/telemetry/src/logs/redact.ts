const LONGEST = 500;

/** What may stand in a text and is nobody's business, and what stands there instead. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(whsec_)[\w+/=-]+/g, "$1***"],
  [/\beyJ[\w-]*\.[\w-]+\.[\w-]*/g, "***"],
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, "$1 ***"],
  [
    /\b(authorization|cookie|webhook-signature|password|secret|token)(["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;}]+)/gi,
    "$1$2***",
  ],
  // Of a URL: who logs in, and what is asked.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*@/gi, "$1***@"],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, "$1?***"],
];

/** A text as it may be logged: short, and without secrets that can be told by their looks. */
export function redact(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return SECRETS.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), short);
}
