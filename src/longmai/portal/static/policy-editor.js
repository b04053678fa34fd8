// The policy editor: numbers the lines, judges the text as one types, leads from a finding to its
// line, opens a file. Without it the page's own buttons do the same.

const PAUSE_MS = 500;
const form = document.querySelector("[data-policy-editor]");
const text = form.querySelector("textarea");
const lines = form.querySelector("[data-lines]");
const wrongLines = () =>
  new Set([...document.querySelectorAll("#checked [data-line]")].map((link) => Number(link.dataset.line)));

function numberLines() {
  const wrong = wrongLines();
  const count = text.value.split("\n").length;
  lines.replaceChildren(
    ...Array.from({ length: count }, (_, index) => {
      const line = document.createElement("span");
      line.textContent = `${index + 1}\n`;
      line.toggleAttribute("data-wrong", wrong.has(index + 1));
      return line;
    }),
  );
  lines.scrollTop = text.scrollTop;
}

let asked = 0;
async function judge() {
  const turn = ++asked;
  const checked = document.getElementById("checked");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("checked");
    if (turn !== asked || !fresh) return; // a later text is on its way
    // Examples that were open stay open.
    const open = new Set([...checked.querySelectorAll("details[open] .example-name")].map((each) => each.textContent));
    for (const each of fresh.querySelectorAll("details.example")) {
      each.open ||= open.has(each.querySelector(".example-name").textContent);
    }
    checked.replaceWith(fresh);
    numberLines();
    showInsert();
  } catch {
    if (turn === asked) checked.textContent = form.dataset.offline;
  }
}

function goTo(line) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
  const start = line > 1 ? before + 1 : 0;
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 6) * height);
}

// Puts the examples to add below those of the file, indented as they are.
function insertExamples(block) {
  const all = text.value.trimEnd().split("\n");
  const start = all.findIndex((line) => /^(示例|examples)\s*:/.test(line));
  if (start < 0) return;
  const after = all.findIndex((line, index) => index > start && /^[^\s#-]/.test(line));
  const indent = /^ *(?=- )/.exec(all.slice(start + 1).find((line) => /^ *- /.test(line)) ?? "  - ")[0];
  const items = block.trimEnd().split("\n").map((line) => indent + line.trimStart());
  all.splice(after < 0 ? all.length : after, 0, ...items);
  text.focus();
  text.select();
  // As if it were typed, so that it can be undone.
  const content = `${all.join("\n")}\n`;
  if (!document.execCommand("insertText", false, content)) text.value = content;
  judge();
  numberLines();
}
const showInsert = () => {
  for (const each of document.querySelectorAll("[data-insert-examples]")) each.hidden = false;
};

let pause;
text.addEventListener("input", () => {
  numberLines();
  clearTimeout(pause);
  pause = setTimeout(judge, PAUSE_MS);
});
text.addEventListener("scroll", () => (lines.scrollTop = text.scrollTop));
text.addEventListener("keydown", (event) => {
  // Enter keeps the indentation; Tab still leaves the field, as the keyboard's users expect.
  if (event.key !== "Enter" || event.isComposing) return;
  const line = text.value.slice(0, text.selectionStart).split("\n").pop();
  const indent = /^ */.exec(line)[0];
  if (indent && document.execCommand("insertText", false, `\n${indent}`)) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("#checked [data-line]");
  if (link) {
    event.preventDefault();
    goTo(Number(link.dataset.line));
  }
  if (event.target.closest("[data-insert-examples]")) {
    insertExamples(document.querySelector("#checked .copy-block").textContent);
  }
});

const upload = document.getElementById("policy-upload");
document.querySelector("[data-upload]").hidden = false;
upload.addEventListener("change", async () => {
  const [file] = upload.files;
  if (!file) return;
  text.focus();
  text.select();
  // As if it were typed, so that it can be undone.
  const content = await file.text();
  if (!document.execCommand("insertText", false, content)) text.value = content;
  upload.value = "";
  judge();
  numberLines();
});

form.addEventListener("submit", (event) => {
  if (event.submitter?.formAction.endsWith("policy.yaml")) return;
  event.preventDefault();
  judge();
});
numberLines();
showInsert();
