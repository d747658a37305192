import { asset } from "./asset";
import { common } from "./common";
import { keys } from "./keys";
import { library } from "./library";
import { naming } from "./naming";
import { people } from "./people";

export const en = { ...common, ...keys, ...library, ...asset, ...naming, ...people } as const;
