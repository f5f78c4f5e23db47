import type { CommandAnswer } from "../../functions/admin/schemas.ts";
import type { Context } from "../context.ts";

export type WhyOptions = { readonly why?: string };

export const whyOption = ["--why <text>", "the reason, for the record"] as const;

/** Shows what an operator's command on a location came to. */
export function showCommand(context: Context, answer: CommandAnswer): void {
  context.show(answer, () =>
    [answer.message, ...answer.notes.map((note) => `${context.style.warn("note:")} ${note}`)].join("\n"),
  );
}

/** A body with the reason where one was given. */
export function withWhy(options: WhyOptions): { why?: string } {
  return options.why === undefined ? {} : { why: options.why };
}
