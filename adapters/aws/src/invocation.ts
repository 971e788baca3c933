/** What Lambda tells of one invocation. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
  readonly awsRequestId: string;
}

/** What goes round each invocation: nothing runs between two of them, so what is to be done is done within. */
export interface Around {
  begin(): void;
  end(): void;
}

export async function within<T>(around: Around, work: () => Promise<T>): Promise<T> {
  around.begin();
  try {
    return await work();
  } finally {
    around.end();
  }
}
