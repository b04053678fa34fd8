// The page of a decision table: the editor, the text and the trial kept the same.
import { ask, mount } from "./table-editor.js";

const TYPING_MS = 700;
const form = document.querySelector("[data-table-form]");
const words = JSON.parse(form.dataset.words);
const part = (name) => form.querySelector(`[data-table-${name}]`);
const grid = form.elements.grid;
const name = form.elements.name;
let editor = null;

begin().catch((failure) => {
  // Without the editor the page does all it does without scripts.
  part("editor").hidden = part("tools").hidden = true;
  part("plain").hidden = false;
  tell([{ what: `${words.failed} ${failure.message}` }]);
});

async function begin() {
  part("editor").hidden = part("tools").hidden = false;
  editor = await mount(part("editor"), {
    grid: grid.value,
    name: name.value,
    within: form.elements.model.value,
    undo: form.querySelector("[data-undo]"),
    redo: form.querySelector("[data-redo]"),
    onChange: changed,
    onFailure: (failure) => tell([{ what: `${words.failed} ${failure.message}` }]),
  });
  part("plain").hidden = true;
  part("text").open = false;
  let timer = 0;
  grid.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(typed, TYPING_MS);
  });
  name.addEventListener("change", typed);
  form.addEventListener("submit", pressed);
  part("editor").dataset.ready = "";
}

function changed(told) {
  if (document.activeElement !== grid) grid.value = told.grid;
  if (told.name && document.activeElement !== name) name.value = told.name;
  tell(told.findings);
  askFor(told.needs);
}

async function typed() {
  try {
    const told = await editor.setGrid(grid.value, name.value);
    if (!told.table) tell(told.findings);
  } catch (failure) {
    tell([{ what: `${words.failed} ${failure.message}` }]);
  }
}

/** Try the table out, and check it, in place; files are opened and given by the form itself. */
async function pressed(event) {
  const action = event.submitter?.value;
  if (action === "check") {
    event.preventDefault();
    await typed();
  } else if (action === "try") {
    event.preventDefault();
    await attempt();
  }
}

async function attempt() {
  const outcome = part("outcome");
  if (editor.findings.some((each) => !each.advice)) {
    outcome.replaceChildren(line(words.first));
    return;
  }
  const given = {};
  for (const field of part("given").querySelectorAll("[name^='given:']")) {
    given[field.name.slice("given:".length)] = field.value;
  }
  try {
    const told = await ask("evaluate", {
      source: { form: "grid", text: grid.value, within: editor.within },
      given,
    });
    const value = line(words.value, code(told.value));
    const hits = told.hits.length ? words.hits.replace("{rules}", told.hits.join(", ")) : words.no_hit;
    const problems = document.createElement("ul");
    problems.append(...told.problems.map((each) => item(each)));
    outcome.replaceChildren(value, line(hits), ...(told.problems.length ? [problems] : []));
    editor.showHits(told.hits);
  } catch (failure) {
    const said = failure.code === "table.given" ? words.given : failure.message;
    outcome.replaceChildren(line([failure.place, said].filter(Boolean).join(" ")));
    editor.showHits([]);
  }
}

/** Write what was found as a list of buttons that lead to the cells. */
function tell(findings) {
  const place = part("findings");
  if (!findings.length) {
    const none = line(words.none);
    none.className = "finding-none";
    place.replaceChildren(none);
    return;
  }
  const list = document.createElement("ol");
  for (const each of findings) {
    const entry = document.createElement("li");
    entry.className = each.advice ? "finding-advice" : "finding-wrong";
    const said = each.cell ? document.createElement("button") : document.createElement("span");
    if (each.cell) {
      said.type = "button";
      said.addEventListener("click", () => editor.show(each));
    }
    said.append([each.place, each.what].filter(Boolean).join(words.colon));
    if (each.value) said.append(" ", code(each.value));
    if (each.mend) said.append(document.createElement("br"), each.mend);
    entry.append(said);
    list.append(entry);
  }
  place.replaceChildren(list);
}

/** Ask for the values that the table needs now; what was written stays. */
function askFor(needs) {
  const place = part("given");
  const asked = [...place.querySelectorAll("[name^='given:']")];
  const before = new Map(asked.map((field) => [field.name, field.value]));
  place.replaceChildren(...needs.map((need, i) => {
    const field = document.createElement("div");
    field.className = "field";
    const label = document.createElement("label");
    label.htmlFor = `given-${i + 1}`;
    label.append(need.name);
    if (need.type) {
      const type = document.createElement("span");
      type.className = "hint";
      type.textContent = need.type;
      label.append(" ", type);
    }
    const entry = document.createElement(need.choices.length ? "select" : "input");
    if (need.choices.length) {
      entry.append(new Option(words.choose, ""), ...need.choices.map((each) => new Option(each, each)));
    } else entry.autocomplete = "off";
    entry.id = label.htmlFor;
    entry.name = `given:${need.name}`;
    entry.value = before.get(entry.name) ?? "";
    field.append(label, entry);
    return field;
  }));
}

function line(text, more) {
  const made = document.createElement("p");
  made.append(text);
  if (more) made.append(" ", more);
  return made;
}

function item(text) {
  const made = document.createElement("li");
  made.textContent = text;
  return made;
}

function code(text) {
  const made = document.createElement("code");
  made.textContent = text;
  return made;
}
