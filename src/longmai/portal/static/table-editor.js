// The editor of decision tables: dmn-js (bpmn.io) around our own check on the server.
//
//   import { mount } from "./table-editor.js";
//   const editor = await mount(element, { grid: "| U | …", onChange: ({ grid, findings }) => … });
//   editor.grid; editor.xml; await editor.setGrid(text); editor.undo(); editor.redo(); editor.destroy();
//
// The page needs a style policy that lets dmn-js write its styles (rule_tables/pages.EDITOR_POLICY).
// The mark of bpmn.io in the corner must stay in view: it is a condition of the licence.

const API = "/api/v1/rules/tables/";
const FOLDER = new URL("./vendor/dmn-js/", import.meta.url);
const STYLES = [
  "dmn-js-shared.css", "dmn-js-decision-table.css", "dmn-js-decision-table-controls.css", "css/dmn.css",
];
const WAIT_MS = 400;
const TYPES = [
  "string", "number", "boolean", "date", "time", "date and time",
  "days and time duration", "years and months duration",
];

/** Ask the server; what it refuses is thrown as an Error with its sentence. */
export async function ask(what, question) {
  const answer = await fetch(API + what, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(question),
  });
  const told = await answer.json();
  if (answer.ok) return told;
  const { code, place, what: said, mend } = told.error ?? {};
  const failure = new Error([said ?? answer.statusText, mend].filter(Boolean).join("; "));
  throw Object.assign(failure, { code, place });
}

/**
 * Put an editor into an element.
 *
 * @param {Element} element that is emptied and filled.
 * @param {{grid?: string, xml?: string, name?: string, within?: string, onChange?: Function, onFailure?: Function,
 *   undo?: HTMLButtonElement, redo?: HTMLButtonElement}} options
 *   grid or xml: the table to begin from (xml as /check answers it); name: of the decision;
 *   within: DMN model around the table, whose names, types and functions it may use;
 *   onChange: is given what /check answers, after each change that could be read;
 *   onFailure: is given an Error where the server could not be asked;
 *   undo, redo: buttons to use instead of own ones.
 */
export async function mount(element, options = {}) {
  const editor = new TableEditor(element, options);
  await editor.start();
  return editor;
}

class TableEditor {
  #element;
  #options;
  #modeler = null;
  #marks = new CSSStyleSheet();
  #timer = 0;
  #round = 0;
  #quiet = false;
  #hits = [];
  #stop = new AbortController();
  grid = "";
  xml = "";
  name = "";
  within = "";
  findings = [];

  constructor(element, options) {
    this.#element = element;
    this.#options = options;
    this.grid = options.grid ?? "";
    this.name = options.name ?? "";
    this.within = options.within ?? "";
  }

  async start() {
    const [Modeler, translate] = await Promise.all([loadModeler(), words(), loadStyles()]);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#marks];
    const canvas = document.createElement("div");
    canvas.className = "table-editor-canvas";
    this.#element.classList.add("table-editor");
    this.#element.replaceChildren(...this.#tools(translate), canvas);
    this.#keepForm();
    this.#modeler = new Modeler({
      container: canvas,
      height: "100%",
      common: { dataTypes: TYPES },
      decisionTable: {
        // Without what a grid does not hold: the diagram around, descriptions of single cells.
        additionalModules: [{
          translate: ["value", translate],
          viewDrd: ["value", null],
          description: ["value", null],
        }],
      },
    });
    if (this.#options.xml) {
      await this.#open(this.#options.xml);
      await this.#changed();
    } else {
      await this.setGrid(this.grid, this.name);
    }
  }

  /** Show another table, given as a grid; returns what the server says of it. */
  async setGrid(text, name = this.name) {
    const round = ++this.#round;
    const told = await ask("check", { form: "grid", text, name, within: this.within });
    if (round !== this.#round) return told;
    if (told.table) {
      this.name = name;
      await this.#open(told.xml);
      this.#take(told, text);
    }
    return told;
  }

  /** Show another table, given as XML of /check. */
  async setXml(xml) {
    await this.#open(xml);
    await this.#changed();
  }

  undo() { this.#stack?.undo(); }
  redo() { this.#stack?.redo(); }

  /** Bring the cell of a finding into view, and set the caret in it. */
  show(finding) {
    const [selector] = this.#selectors(finding.cell);
    const cell = selector && this.#element.querySelector(selector);
    cell?.scrollIntoView({ block: "center", inline: "center" });
    cell?.querySelector("[contenteditable]")?.focus();
  }

  /** Show which rules hold in a trial, by their numbers; none: no trial. */
  showHits(numbers) {
    this.#hits = numbers;
    this.#mark();
  }

  destroy() {
    clearTimeout(this.#timer);
    this.#stop.abort();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== this.#marks);
    this.#modeler?.destroy();
    this.#element.replaceChildren();
  }

  get #stack() { return this.#modeler?.getActiveViewer()?.get("commandStack"); }
  get #table() { return this.#modeler?.getActiveView()?.element.decisionLogic; }

  async #open(xml) {
    this.#quiet = true;
    try {
      await this.#modeler.importXML(xml);
      const view = this.#modeler.getViews().find((each) => each.type === "decisionTable");
      await this.#modeler.open(view);
    } finally {
      this.#quiet = false;
    }
    const bus = this.#modeler.getActiveViewer().get("eventBus");
    bus.on("commandStack.changed", () => {
      this.#steps();
      if (this.#quiet) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#changed(), WAIT_MS);
    });
    this.#steps();
  }

  async #changed() {
    const round = ++this.#round;
    try {
      const { xml } = await this.#modeler.saveXML();
      const told = await ask("check", { form: "editor", text: xml, within: this.within });
      if (round !== this.#round || this.#stop.signal.aborted) return;
      this.name = told.name || this.name;
      this.xml = xml;
      this.#take(told, told.grid);
    } catch (failure) {
      this.#options.onFailure?.(failure);
    }
  }

  #take(told, grid) {
    this.findings = told.findings;
    this.#hits = [];
    if (told.table) this.grid = grid;
    this.#mark();
    this.#options.onChange?.({ ...told, grid: told.table ? grid : this.grid, name: this.name });
  }

  /** Say what is wrong beside each cell: by style rules, which dmn-js does not draw over. */
  #mark() {
    const rules = this.findings.filter((each) => each.cell).map((each) => {
      const told = cssText([each.what, each.mend].filter(Boolean).join("; "));
      const places = this.#selectors(each.cell).map((each) => `.table-editor ${each}`);
      if (!places.length) return "";
      const tone = each.advice ? "advice" : "wrong";
      return `${places.join()} { box-shadow: inset 0 0 0 2px var(--table-${tone}); }
        ${places.map((place) => `${place}::after`).join()} { content: ${told}; color: var(--table-${tone}); }`;
    });
    for (const number of this.#hits) {
      const rule = this.#table?.rule?.[number - 1];
      if (rule) {
        rules.push(`.table-editor td[data-row-id="${CSS.escape(rule.id)}"] { background: var(--malachite-pale); }`);
      }
    }
    this.#marks.replaceSync(rules.join("\n"));
  }

  #selectors(cell) {
    const table = this.#table;
    if (!table || !cell) return [];
    if (cell.part === "policy") return [".decision-table-properties .hit-policy"];
    const columns = [...(table.input ?? []), ...(table.output ?? [])];
    if (cell.part !== "rule") {
      const id = columns[cell.column]?.id;
      return id ? [`th[data-col-id="${CSS.escape(id)}"]`] : [];
    }
    const rule = table.rule?.[cell.rule - 1];
    const entries = [...(rule?.inputEntry ?? []), ...(rule?.outputEntry ?? [])];
    const entry = entries[cell.column];
    if (entry) return [`td[data-element-id="${CSS.escape(entry.id)}"]`];
    return rule ? [`td.annotation[data-element-id="${CSS.escape(rule.id)}"]`] : [];
  }

  #tools(translate) {
    const { undo, redo } = this.#options;
    const signal = this.#stop.signal;
    const made = [undo ?? button(translate("Undo")), redo ?? button(translate("Redo"))];
    made[0].addEventListener("click", () => this.undo(), { signal });
    made[1].addEventListener("click", () => this.redo(), { signal });
    this.#options.undo = made[0];
    this.#options.redo = made[1];
    if (undo && redo) return [];
    const tools = document.createElement("div");
    tools.className = "table-editor-tools";
    tools.append(...made);
    return [tools];
  }

  /** The buttons and lines of dmn-js must not send a form around the editor. */
  #keepForm() {
    const signal = this.#stop.signal;
    this.#element.addEventListener("click", (event) => {
      if (event.target.closest("button")) event.preventDefault();
    }, { signal });
    this.#element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
    }, { signal });
  }

  #steps() {
    const stack = this.#stack;
    this.#options.undo.disabled = !stack?.canUndo();
    this.#options.redo.disabled = !stack?.canRedo();
  }
}

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button-quiet";
  made.textContent = text;
  return made;
}

/** A CSS string: nothing in it ends it. */
function cssText(text) {
  return `"${text.replace(/["\\\n\r\f<]/g, (sign) => `\\${sign.codePointAt(0).toString(16)} `)}"`;
}

let modeler = null;
function loadModeler() {
  modeler ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("dmn-modeler.production.min.js", FOLDER);
    script.onload = () => resolve(globalThis.DmnJS);
    script.onerror = () => reject(new Error("dmn-js"));
    document.head.append(script);
  });
  return modeler;
}

const styles = new Map();
function loadStyles() {
  return Promise.all(STYLES.map((name) => {
    if (!styles.has(name)) {
      styles.set(name, new Promise((resolve) => {
        const sheet = document.createElement("link");
        sheet.rel = "stylesheet";
        sheet.href = new URL(name, FOLDER);
        sheet.onload = sheet.onerror = resolve;
        // Before the house's own sheets, which may adapt it.
        document.head.prepend(sheet);
      }));
    }
    return styles.get(name);
  }));
}

/** The words of dmn-js in the page's language. */
async function words() {
  const chinese = document.documentElement.lang.startsWith("zh");
  const known = chinese ? (await import("./table-editor-zh.js")).default : {};
  return (text, values = {}) =>
    (known[text] ?? text).replace(/\{\s*(\w+)\s*\}/g, (all, name) => values[name] ?? all);
}
