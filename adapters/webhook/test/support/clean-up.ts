/** What is handed over is closed after each test of the `describe` that this is called in, also after one that failed. */
export function cleanUp(): <T extends { close(): Promise<void> }>(one: T) => T {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => void (await Promise.all(open.splice(0).map((one) => one.close()))));
  return (one) => {
    open.push(one);
    return one;
  };
}
