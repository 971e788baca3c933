import { DEFAULTS } from "./environments.js";
import type { Settings } from "./settings.js";
import type { Need, Workload } from "./workloads.js";

export type Bindings = Readonly<Record<string, string>>;

/** The variables of a workload whose values are known before anything is made. What is missing would be its default. */
export function plainBindings(workload: Workload, settings: Settings): Bindings {
  const { trigger } = workload;
  const answers = trigger.kind === "http" || trigger.kind === "authorizer";
  return {
    PUNCTUAL_LOG_LEVEL: DEFAULTS[settings.environment].logs.level,
    ...(answers && ofTokens(settings)),
    ...(trigger.kind === "http" && ofOrigins(settings)),
    ...(trigger.kind === "minute" && { PUNCTUAL_SCHEDULER: settings.shape.scheduler }),
    ...(needs(workload, "egress") && ofSending(settings)),
  };
}

export function needs(workload: Workload, kind: Need["kind"]): boolean {
  return workload.needs.some((need) => need.kind === kind);
}

function ofTokens({ tokens }: Settings): Bindings {
  return {
    PUNCTUAL_AUTH: tokens.kind,
    PUNCTUAL_AUTH_ISSUER: tokens.issuer,
    PUNCTUAL_AUTH_AUDIENCE: tokens.audience,
    ...(tokens.kind === "jwks" && tokens.jwksUrl !== undefined && { PUNCTUAL_AUTH_JWKS_URL: tokens.jwksUrl }),
    ...(tokens.tenantClaim !== undefined && { PUNCTUAL_AUTH_TENANT_CLAIM: tokens.tenantClaim }),
    ...(tokens.rolesClaim !== undefined && { PUNCTUAL_AUTH_ROLES_CLAIM: tokens.rolesClaim }),
    ...(tokens.defaultTenant !== undefined && { PUNCTUAL_AUTH_DEFAULT_TENANT: tokens.defaultTenant }),
  };
}

function ofOrigins({ corsOrigins }: Settings): Bindings {
  return corsOrigins.length > 0 ? { PUNCTUAL_CORS_ORIGINS: corsOrigins.join() } : {};
}

function ofSending({ allow, domain }: Settings): Bindings {
  return {
    ...(allow.length > 0 && { PUNCTUAL_ALLOW: allow.join() }),
    ...(domain !== undefined && { PUNCTUAL_PUBLIC_URL: `https://${domain}` }),
  };
}
