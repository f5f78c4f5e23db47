import { limits, networkFileLimits } from "../domain/limits.ts";

/** Bounds of the way to a remote executor, apart from those that every heartbeat loads. */
export const executorLimits = {
  /** Body of a request, and of an answer; a function's platform takes answers of six megabytes. bytes */
  requestBytes: 1024 * 1024,
  answerBytes: 4 * 1024 * 1024,
  /** A request may be answered for this long after it was signed, by the executor's clock, and for this long at most. ms */
  expiryMs: 30_000,
  expiryMostMs: 60_000,
  /** Nonces that a process keeps until their requests expire; beyond that it takes no more. */
  nonces: 20_000,
  /** Route calls are begun for this long after a challenge was issued. ms */
  permitMs: limits.fenceMs,
  /** A permit that is still to travel must be good for this much longer. ms */
  permitLeastMs: 100,
  /** Changes, tables and hosts of one request. */
  changes: 500,
  tables: networkFileLimits.routeTables + 2,
  hosts: 500,
  /** Routes of one answer. */
  routes: 40_000,
  /** Characters of an id, a target or a destination, and of an error's text. */
  fieldChars: 400,
  errorChars: 800,
  /** A challenge is answered within this, a cold start included. ms */
  challengeMs: 6_000,
  /** A read of the cloud ends within this at the executor, and is waited for a little longer. ms */
  readMs: 12_000,
  readWaitMs: 14_000,
  /** A write begins no call after this at the executor, and is waited for as long as its last calls take. ms */
  writeMs: 12_000,
  writeWaitMs: 20_000,
  /** A permit is renewed this long after a write was sent, and then each time. ms */
  renewMs: 300,
  /** A write whose permit has run out waits this long for the next one, when its client renews them. ms */
  renewWaitMs: 2_000,
  /** Permits in a row that no call was begun under, and the pause after the first; it doubles. ms */
  idlePermits: 6,
  idlePauseMs: 50,
  /** An executor that did not answer is asked after the others for this long. ms */
  shunMs: 30_000,
  /** Writes of one process that are under way at once, and places whose newest epoch it remembers. */
  runs: 500,
  epochs: 20_000,
} as const;
