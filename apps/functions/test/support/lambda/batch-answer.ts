/**
 * Which messages of a batch the function answered to have failed, as Lambda understands `ReportBatchItemFailures`: no list or an
 * empty one is none of them. Null is an answer that Lambda does not understand, by which all of them have failed.
 */
export function failuresIn(answer: unknown, messageIds: readonly string[]): readonly string[] | null {
  if (answer === null) return [];
  if (typeof answer !== "object" || Array.isArray(answer)) return null;
  const { batchItemFailures: failures = null } = answer as { readonly batchItemFailures?: unknown };
  if (failures === null) return [];
  if (!Array.isArray(failures)) return null;
  const ids = failures.map((failure) => (failure as { readonly itemIdentifier?: unknown } | null)?.itemIdentifier);
  const known = ids.filter((id) => typeof id === "string" && messageIds.includes(id)) as string[];
  return known.length === ids.length ? known : null;
}
