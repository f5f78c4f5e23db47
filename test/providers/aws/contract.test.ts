import { providerContract } from "../contract.ts";
import { emulatedWorld } from "./emulated-world.ts";

providerContract("EC2, emulated", emulatedWorld);
