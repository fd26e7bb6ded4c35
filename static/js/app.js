// Small comforts on top of pages that work without them.
import { askFirst } from "./_ask-first.js";
import { copyButtons } from "./_copy.js";
import { counters } from "./_counters.js";
import { focusErrors } from "./_focus-errors.js";
import { menus } from "./_menus.js";
import { sendOnce } from "./_send-once.js";
import { unsaved } from "./_unsaved.js";

askFirst(document);
sendOnce(document);
unsaved(document);
copyButtons(document);
counters(document);
menus(document);
focusErrors(document);
