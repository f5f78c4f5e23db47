/** What is remembered of the past: an emulator may run for weeks. */
const MOST_KEPT = 100_000;

/** Adds to a record, and forgets what is oldest in it when it has grown too long. */
export function keep<T>(record: T[], ...news: readonly T[]): void {
  record.push(...news);
  if (record.length > MOST_KEPT) record.splice(0, record.length - MOST_KEPT);
}
