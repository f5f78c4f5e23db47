import { cloudSection, roleSection, tagSection } from "./cloud.ts";
import { hostSection } from "./host.ts";
import { cipherSection, fileSection, linkSection } from "./link.ts";
import { locationSection } from "./location.ts";
import type { Section } from "./note.ts";

/** Every level of a network file, from the top. */
export const reference: readonly Section[] = [
  fileSection,
  linkSection,
  cipherSection,
  locationSection,
  cloudSection,
  tagSection,
  roleSection,
  hostSection,
];
