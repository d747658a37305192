import { unknownName } from "@/naming/unknownName";

import type { Lane } from "./lanes";

export const laneName = (lane: Lane): string => lane.person?.name ?? unknownName(lane.unknown);
