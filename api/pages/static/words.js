// What scripts say, in the reader's language. English is in the code; the others come with the page
// (nightwarden/languages/scripts.py). A gap is `{name}`: say("Room {room} was moved.", { room }).

const there = document.getElementById("words");
const words = there ? JSON.parse(there.textContent) : {};
const rules = new Intl.PluralRules(document.documentElement.lang);

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);

export function say(text, values = {}) {
  return filled(words[text] ?? text, values);
}

// The form that goes with the number: sayCount(n, "{n} day", "{n} days", { n }).
export function sayCount(number, one, many, values = {}) {
  const forms = words[`${one}\n${many}`];
  return filled(forms?.[rules.select(number)] ?? forms?.other ?? (number === 1 ? one : many), values);
}
