// What makes the pages quicker to use. Every page works without it.
import { watchCounters } from "./counters.js";
import { watchRows } from "./rows.js";
import { watchMenus } from "./menus.js";
import { watchKeys } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchDrafts } from "./drafts.js";

watchCounters(document);
watchRows(document);
watchMenus(document);
watchKeys(document);
watchForms(document);
watchDrafts(document);
