import awsBook from "../prices/aws-eu-west-1.json" with { type: "json" };
import gcpBook from "../prices/gcp-europe-west1.json" with { type: "json" };

/** What one of something costs, in a month where nothing else is said. */
export interface Price {
  readonly usd: number;
  readonly per: string;
}

/** What nothing is paid for: for each project, or for all that an account, which others may share, has. */
export interface Allowance {
  readonly quantity: number;
  readonly each: string;
}

/** Prices of one region. They are written down by people, and never fetched. */
export interface PriceBook {
  readonly cloud: string;
  readonly region: string;
  readonly currency: string;
  readonly asOf: string;
  readonly source: string;
  readonly prices: Readonly<Record<string, Price>>;
  readonly free: Readonly<Record<string, Allowance>>;
}

export type AwsMeter = keyof typeof awsBook.prices;
export type GcpMeter = keyof typeof gcpBook.prices;

export const AWS_PRICES: PriceBook = { cloud: "aws", ...awsBook };
export const GCP_PRICES: PriceBook = { cloud: "gcp", ...gcpBook };

/** By the name of the cloud. */
export const PRICES: Readonly<Record<string, PriceBook>> = { aws: AWS_PRICES, gcp: GCP_PRICES };
