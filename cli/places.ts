import { usageError } from "./exit.ts";

export type LocationPlace = { readonly link: string; readonly location: string };
export type HostPlaceName = LocationPlace & { readonly host: string };

/** Reads `LINK/LOCATION`. Throws `CliError` (usage) for anything else. */
export function locationPlace(text: string): LocationPlace {
  const [link, location, rest] = text.split("/");
  if (!link || !location || rest !== undefined) {
    throw usageError(
      `"${text}" is not LINK/LOCATION`,
      "give both names, such as backbone/us-east; `pointsman status` lists them",
    );
  }
  return { link, location };
}

/** Reads `LINK/LOCATION/HOST`. Throws `CliError` (usage) for anything else. */
export function hostPlace(text: string): HostPlaceName {
  const [link, location, host, rest] = text.split("/");
  if (!link || !location || !host || rest !== undefined) {
    throw usageError(
      `"${text}" is not LINK/LOCATION/HOST`,
      "give all three names, such as backbone/us-east/a1; `pointsman status` lists them",
    );
  }
  return { link, location, host };
}
