import type { FixAction } from "../domain/finding.ts";

/** One setting as it is now. `changes`: what switching it would do, as text; `isNeeded` false: it is as it should be. */
export type FixView = { readonly changes: string; readonly isNeeded: boolean };

/**
 * Switches single settings of one cloud, with the credentials of whoever runs it and never with those of a function.
 * Every method throws `RouteError`.
 */
export interface Fixer {
  look(action: FixAction, signal: AbortSignal): Promise<FixView>;
  /** Makes the one change that `look` told, and nothing else. */
  apply(action: FixAction, signal: AbortSignal): Promise<void>;
}

/** Opens what can carry an action out; a cloud's SDK is loaded when it is first needed. */
export type OpenFixer = (action: FixAction) => Promise<Fixer>;
