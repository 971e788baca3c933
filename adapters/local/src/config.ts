/** What a process without a cloud must be told. */
export interface LocalConfig {
  /** The keys that keep secrets, 32 bytes in Base64 each: the first seals, all open. */
  readonly secretKeys: readonly [string, ...string[]];
}
