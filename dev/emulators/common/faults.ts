/** What a changing call is about, for the log and for faults that are meant for one route. */
export type Subject = { readonly table: string; readonly destination: string; readonly target: string | null };

/** What can go wrong with one call. `written`: whether the change is made all the same. */
export type Fault =
  | { readonly kind: "throttle" }
  | { readonly kind: "deny" }
  | { readonly kind: "internal-error"; readonly written?: boolean }
  /** The connection closes without an answer. */
  | { readonly kind: "drop"; readonly written: boolean }
  /** The call lands, and is answered, this much later. */
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "error"; readonly code: string; readonly message: string; readonly status?: number };

export type FaultRule = {
  /** Name of an action, or `*` for any. */
  readonly action: string;
  readonly fault: Fault;
  /** How many calls it hits; once when left out. */
  readonly count?: number;
  /** Only calls about this table or destination. */
  readonly table?: string;
  readonly destination?: string;
};

/** Milliseconds, or a range from which each call draws. */
export type Latency = number | { readonly minMs: number; readonly maxMs: number };

/** What is set to go wrong, and how long calls take. */
export type Conditions = {
  latency: Map<string, Latency>;
  rules: { rule: FaultRule; left: number }[];
  throttling: boolean;
  readLagMs: number;
};

export function fairConditions(): Conditions {
  return { latency: new Map(), rules: [], throttling: false, readLagMs: 0 };
}

/** The fault that hits this call, if any; counts it as used. */
export function nextFault(conditions: Conditions, action: string, subject: Subject | null): Fault | null {
  const hit = conditions.rules.find(
    ({ rule, left }) =>
      left > 0 &&
      (rule.action === action || rule.action === "*") &&
      (rule.table === undefined || rule.table === subject?.table) &&
      (rule.destination === undefined || rule.destination === subject?.destination),
  );
  if (hit === undefined) return null;
  hit.left--;
  return hit.rule.fault;
}

/** How long this call takes, in milliseconds. */
export function latencyMs(conditions: Conditions, action: string, random: () => number): number {
  const latency = conditions.latency.get(action) ?? conditions.latency.get("*") ?? 0;
  return typeof latency === "number" ? latency : latency.minMs + random() * (latency.maxMs - latency.minMs);
}
