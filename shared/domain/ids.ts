import * as z from "zod/mini";

/**
 * A generated id: letters and digits only, since agents join ids with `-` into a connection name, split it again,
 * and use a host id as a file name.
 */
export const Id = z.string().check(z.regex(/^[A-Za-z0-9]{1,40}$/, "an id is 1 to 40 letters and digits"));
export type Id = z.infer<typeof Id>;

/** A name that a person gives: letters, digits, `-`, `_` and `.`, at most 63 characters. */
export const Name = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
      "a name is 1 to 63 letters, digits, '-', '_' or '.', and begins and ends with a letter or digit",
    ),
  );
export type Name = z.infer<typeof Name>;
