/** Accounts by which Google's services act in a project of ours; a service that nobody has used has none yet. */
export const AGENTS = {
  data: { service: "sqladmin.googleapis.com", at: "gcp-sa-cloud-sql" },
  messages: { service: "pubsub.googleapis.com", at: "gcp-sa-pubsub" },
  secrets: { service: "secretmanager.googleapis.com", at: "gcp-sa-secretmanager" },
} as const;

export type AgentOf = keyof typeof AGENTS;

/** As a policy names it. */
export function agentMember(of: AgentOf, projectNumber: string): string {
  return `serviceAccount:service-${projectNumber}@${AGENTS[of].at}.iam.gserviceaccount.com`;
}
