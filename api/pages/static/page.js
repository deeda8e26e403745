// Every page: what ticks, and forms that answer in place.
import { answerForms } from "./answering.js";
import { tick } from "./ticking.js";

answerForms();
tick();
setInterval(tick, 500);
