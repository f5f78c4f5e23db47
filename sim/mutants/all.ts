import { deciding } from "./deciding.ts";
import { hearing } from "./hearing.ts";
import type { Mutant } from "./mutant.ts";
import { routing } from "./routing.ts";

export const mutants: readonly Mutant[] = [...deciding, ...hearing, ...routing];
