const W3C = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/** The fields of a line with its trace as Cloud Logging looks for it, and shows the line with that trace. */
export function googleFields(
  fields: Readonly<Record<string, unknown>>,
  project: string,
): Readonly<Record<string, unknown>> {
  const { traceparent, ...others } = fields;
  const [, trace, span, flags = "00"] = W3C.exec(typeof traceparent === "string" ? traceparent : "") ?? [];
  if (trace === undefined) return fields;
  return {
    ...others,
    "logging.googleapis.com/trace": `projects/${project}/traces/${trace}`,
    "logging.googleapis.com/spanId": span,
    "logging.googleapis.com/trace_sampled": (Number.parseInt(flags, 16) & 1) === 1,
  };
}
