import type * as z from "zod/mini";
import { networkFileLimits } from "../../domain/limits.ts";
import { durationText } from "../duration.ts";

/** What a person should know of one field of a network file. */
type Note = {
  readonly description: string;
  /** The value that stands in for a missing one. Absent for a field that must be there or means "none" when it is not. */
  readonly default?: string | number | boolean;
  /** What may stand there, beyond its type. */
  readonly bound: string;
  readonly examples: readonly unknown[];
  /** What changing it in a network that is in use does. */
  readonly change: string;
  /** JSON Schema keywords that the schema cannot say itself. */
  readonly keywords?: Keywords;
};

type Keywords = Readonly<Record<string, unknown>>;

type Notes<S extends z.ZodMiniObject> = { readonly [Field in keyof S["shape"]]: Note };

/** One level of the file. The types see to it that every field of its schema has a note. */
export type Section = {
  readonly title: string;
  /** Where it stands, with NAME for names that the file gives. */
  readonly place: string;
  readonly schema: z.ZodMiniObject;
  readonly notes: Readonly<Record<string, Note>>;
  readonly rules: Keywords;
};

/** A level of the file; `rules` are JSON Schema keywords for what its fields mean together. */
export function section<S extends z.ZodMiniObject>(
  title: string,
  place: string,
  schema: S,
  notes: Notes<S>,
  rules: Keywords = {},
): Section {
  return { title, place, schema, notes, rules };
}

export const bounds = networkFileLimits;

/** Two bounds in milliseconds, as a network file writes durations. */
export function between(leastMs: number, mostMs: number): string {
  return `${durationText(leastMs)} to ${durationText(mostMs)}`;
}

/** Said of what changes an answer to every agent of a link: an agent whose answer changes deploys its tunnels anew. */
export const rebuilds = "The agents of the link deploy their tunnels anew.";
