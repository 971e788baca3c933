import type * as aws from "@pulumi/aws";
import { type Input, interpolate } from "@pulumi/pulumi";

const YEAR_S = 31_536_000;

/**
 * What a browser is told of every page: it runs what came from here, and asks here and the API alone. Without a slash at its end an
 * address that has a path would be that path and nothing below it.
 */
export function consoleHeaders(
  api: Input<string>,
): aws.types.input.cloudfront.ResponseHeadersPolicySecurityHeadersConfig {
  const override = true;
  return {
    strictTransportSecurity: { accessControlMaxAgeSec: YEAR_S, includeSubdomains: true, override },
    contentSecurityPolicy: {
      contentSecurityPolicy: interpolate`default-src 'self'; connect-src 'self' ${api}/; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
      override,
    },
    frameOptions: { frameOption: "DENY", override },
    contentTypeOptions: { override },
    referrerPolicy: { referrerPolicy: "no-referrer", override },
  };
}
