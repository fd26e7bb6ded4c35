// Small comforts on top of pages that work without them.
import { askFirst } from "./_ask-first.js";
import { copyButtons } from "./_copy.js";
import { counters } from "./_counters.js";
import { focusErrors } from "./_focus-errors.js";
import { liveTotal } from "./_live-total.js";
import { menus } from "./_menus.js";
import { pressAfter } from "./_press-after.js";
import { questions } from "./_questions.js";
import { sendOnce } from "./_send-once.js";
import { unsaved } from "./_unsaved.js";

askFirst(document);
sendOnce(document);
unsaved(document);
copyButtons(document);
counters(document);
menus(document);
focusErrors(document);
pressAfter(document);
liveTotal(document);
questions(document);
