const LONGEST = 63;

/** Labels of Google's are in small letters, and know few others. */
export function labelsOf(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [
      name,
      value
        .toLowerCase()
        .replace(/[^a-z\d_-]/g, "-")
        .slice(0, LONGEST),
    ]),
  );
}
