/** The printed model of delays, in ms: uniform between the two numbers of a range. */
export const delays = {
  /** Network between a host and the heartbeat endpoint, one way. */
  network: [5, 40],
  database: [5, 20],
  queue: [50, 300],
  coldStart: 500,
  /** A call finds a warm container if one is idle that was used within this time; else it starts cold. */
  warmFor: 300_000,
  /** One call in this many starts cold all the same: the platform replaces a container after some hours of work. */
  coldOneIn: 1_000,
  cloudCall: [50, 150],
  /** Reads of the cloud show the state of up to this long ago. */
  readLag: 1_000,
  /** An agent sleeps this long after an answer; its host checks come on top: this long when answered, or their time-out. */
  agentSleep: 1_000,
  hostCheckAnswered: [1, 60],
  hostCheckTimeout: 3_000,
} as const;

/** The model in one line each, for a person. */
export function describeDelays(): readonly string[] {
  const range = ([low, high]: readonly [number, number]) => `${low}–${high} ms`;
  return [
    `network ${range(delays.network)}, database ${range(delays.database)}, queue ${range(delays.queue)}`,
    `cold start ${delays.coldStart} ms where no container is idle that was used in the last ${delays.warmFor / 1_000} s, and for one call in ${delays.coldOneIn}`,
    `cloud call ${range(delays.cloudCall)}, reads lag up to ${delays.readLag} ms`,
    `agent interval ${delays.agentSleep} ms and host checks ${range(delays.hostCheckAnswered)}, or ${delays.hostCheckTimeout} ms for a silent peer`,
  ];
}

/** Draws from ranges, from one seeded generator. */
export type Draw = {
  between(range: readonly [number, number]): number;
  oneIn(count: number): boolean;
  upTo(most: number): number;
};

export function drawFrom(next: () => number): Draw {
  return {
    between: ([low, high]) => low + next() * (high - low),
    oneIn: (count) => next() * count < 1,
    upTo: (most) => next() * most,
  };
}
