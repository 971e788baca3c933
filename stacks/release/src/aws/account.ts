/** Whose services are asked, and where. Credentials are those that the SDK finds, if none are given. */
export interface AwsAccount {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
