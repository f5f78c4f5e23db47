/** Time as a port, so that a test owns it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** A clock that never jumps and goes on while a container is frozen, in milliseconds. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance as a port. */
export interface Random {
  bytes(count: number): Uint8Array;
}
