import { Fault, JsonService } from "./json-service.js";

export interface KeptSecret {
  current: { readonly SecretString: string } | { readonly SecretBinary: string };
  deleted: boolean;
}

/** As much of Secrets Manager as gives values: by name or ARN, none of what is marked for deletion. */
export async function startFakeSecretsManager() {
  const kept = new Map<string, KeptSecret>();
  const service = await JsonService.start({
    GetSecretValue: ({ SecretId, VersionStage = "AWSCURRENT" }) => {
      const secret = kept.get(String(SecretId).replace(/^arn:.*:secret:(.*)-\w{6}$/, "$1"));
      if (secret === undefined || VersionStage !== "AWSCURRENT") {
        throw new Fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
      }
      if (secret.deleted) {
        const message = "You can't perform this operation on the secret because it was marked for deletion.";
        throw new Fault("InvalidRequestException", message);
      }
      return { Name: SecretId, VersionStages: ["AWSCURRENT"], ...secret.current };
    },
  });
  const put = (name: string, current: KeptSecret["current"]) => void kept.set(name, { current, deleted: false });
  return { service, put, kept };
}
