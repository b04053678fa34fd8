/*
 * Forms for a bad network: what is filled in waits in this browser until the server has taken it,
 * is sent in the order it was written, and is never taken twice.
 *
 * The page brings (templates/components/queue.html):
 *   form[data-queue="<title>"] with input[name=form]   its number is made here; the server takes a
 *                                                      number once (portal/queued.py)
 *     input[data-queue-number="H"]                     left empty, it gets H<yymmdd>-<four signs>
 *     data-queue-offers, -value, -label                what it makes may be chosen before it was
 *                                                      sent: names of lists ("list:field" where the
 *                                                      field is filled in, "list:!field" where it
 *                                                      is not), and texts with "{field}" in them
 *     [data-queue-day] input                           the day on which it is filled in
 *   [data-queue-takes="<list>"] select                 where it may be chosen
 *   section[data-queue-list]                           shows what waits, what was refused and why
 *     data-owner, -worker, -scope, -pages, -made       whose it is; the service worker, what it
 *                                                      serves, the pages it keeps; when the page
 *                                                      was made
 *     script[data-words]                               its words, as JSON
 * Without scripts the forms are sent as any other. The address /page#<number> fills a form in with
 * an entry again.
 */

const PREFIX = "longmai-pages:";
const RETRY_MS = 20_000;
const TIMEOUT_MS = 60_000;
const STALE_MS = 10 * 60_000;
const KEPT_SENT = 5;
const [TOO_MANY, SERVER_FAULT, SIGN_IN] = [429, 500, 401];

const section = document.querySelector("[data-queue-list]");
const words = JSON.parse(section.querySelector("[data-words]").textContent);
const { owner } = section.dataset;
const made = Date.parse(section.dataset.made);
const here = location.pathname;
let trouble = "";
let sending = false;
let wanted = false;

// The entries, in the browser's own database -----------------------------------------------------

const base = new Promise((done, fail) => {
  const asked = indexedDB.open("longmai-queue", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "id" });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});

async function run(mode, act) {
  const transaction = (await base).transaction("entries", mode);
  return new Promise((done, fail) => {
    const asked = act(transaction.objectStore("entries"));
    transaction.oncomplete = () => done(asked.result);
    transaction.onerror = transaction.onabort = () => fail(transaction.error);
  });
}

async function entries() {
  const all = await run("readonly", (store) => store.getAll());
  return all.filter((each) => each.owner === owner).sort((one, other) => one.made - other.made);
}

const put = (entry) => run("readwrite", (store) => store.put(entry));
const remove = (id) => run("readwrite", (store) => store.delete(id));

// Forms -------------------------------------------------------------------------------------------

function newNumber() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

function fillNumber(form, id) {
  for (const input of form.querySelectorAll("[data-queue-number]")) {
    const day = (form.elements.day?.value ?? "").replaceAll("-", "").slice(2);
    if (!input.value) input.value = `${input.dataset.queueNumber}${day}-${id.slice(0, 4).toUpperCase()}`;
  }
}

/** A page that was kept says the day on which it was made; the day in Beijing is what counts. */
function dayOf(instant) {
  return new Date(instant + 8 * 3_600_000).toISOString().slice(0, 10);
}

function setDays(form) {
  for (const input of form.querySelectorAll("[data-queue-day] input")) {
    if (!input.defaultValue || input.defaultValue === dayOf(made)) input.defaultValue = dayOf(Date.now());
  }
}

/** What was filled in, as a line to know it by. */
function sayOf(form) {
  const shown = [...form.elements].filter((each) => each.type !== "hidden" && each.value && each.name);
  const texts = shown.map((each) => {
    if (each.type === "file") return words.photos.replace("{n}", each.files.length);
    if (each.type === "checkbox") return each.checked ? each.labels[0]?.textContent.trim() : "";
    return each.selectedOptions?.[0]?.textContent.trim() ?? each.value;
  });
  return texts.filter(Boolean).slice(0, 5).join(" · ");
}

function offersOf(form) {
  const { queueOffers, queueValue, queueLabel } = form.dataset;
  if (!queueOffers) return [];
  const fill = (text) => text.replace(/\{(\w+)\}/gu, (_, name) => form.elements[name]?.value ?? "");
  return queueOffers.split(" ").flatMap((each) => {
    const [, list, not, field] = /^(\w+)(?::(!?)(\w+))?$/u.exec(each);
    const fits = !field || Boolean(form.elements[field]?.value) !== Boolean(not);
    return fits ? [{ list, value: fill(queueValue), label: fill(queueLabel) }] : [];
  });
}

async function keepForm(event) {
  event.preventDefault();
  const form = event.target;
  const id = form.dataset.entry || newNumber();
  form.elements.form.value = id;
  fillNumber(form, id);
  await put({
    id,
    owner,
    url: form.action,
    page: here,
    title: form.dataset.queue,
    says: sayOf(form),
    fields: [...new FormData(form)].filter(([, value]) => !(value instanceof File) || value.size),
    offers: offersOf(form),
    made: Date.now(),
    state: "waiting",
    findings: [],
  });
  delete form.dataset.entry;
  form.reset();
  history.replaceState(null, "", here + location.search);
  await show();
  section.scrollIntoView({ block: "nearest" });
  section.focus({ preventScroll: true });
  await send();
}

async function fillIn(id) {
  const entry = (await entries()).find((each) => each.id === id);
  const form = entry && document.querySelector(`form[data-queue][action="${new URL(entry.url).pathname}"]`);
  if (!form) return;
  form.reset();
  for (const [name, value] of entry.fields) {
    const field = form.elements[name];
    if (typeof value !== "string" || !field) continue;
    if (field.type === "checkbox") field.checked = true;
    else field.value = value;
  }
  form.dataset.entry = id;
  form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

/** What waiting forms will make may be chosen already. */
function offer(all) {
  for (const option of document.querySelectorAll("option[data-offered]")) option.remove();
  for (const entry of all) {
    const unknown = entry.state === "waiting" || (entry.state === "sent" && entry.sent > made);
    for (const { list, value, label } of unknown ? entry.offers : []) {
      for (const select of document.querySelectorAll(`[data-queue-takes="${list}"] select`)) {
        const option = new Option(`${label} (${words.state[entry.state]})`, value);
        option.dataset.offered = "";
        select.add(option);
      }
    }
  }
}

// Sending -----------------------------------------------------------------------------------------

async function send() {
  if (sending) {
    wanted = true; // the network may have come back meanwhile
    return;
  }
  sending = true;
  wanted = false;
  try {
    // One page of this browser sends at a time; were there two, the server would take each once.
    await (navigator.locks ? navigator.locks.request("longmai-queue", sendAll) : sendAll());
  } finally {
    sending = false;
    await show();
    if (wanted) await send();
  }
}

async function sendAll() {
  trouble = "";
  let anything = false;
  for (const entry of await entries()) {
    if (entry.state !== "waiting") continue;
    trouble = await sendOne(entry);
    if (trouble) break;
    anything = true;
    await show();
  }
  await dropSent();
  if (anything) await keepPages(0);
}

/** Send an entry; return why it must wait, or nothing. */
async function sendOne(entry) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  let response, told;
  try {
    const headers = { "X-Queue": "1", Accept: "application/json" };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    response = await fetch(entry.url, { method: "POST", body, headers, signal });
    if (response.status === SIGN_IN) return "sign_in";
    if (response.status === TOO_MANY || response.status >= SERVER_FAULT) return "busy";
    told = await response.json();
  } catch {
    return "offline";
  }
  if (typeof told.taken !== "boolean") return "offline"; // a gateway answered, not the house
  const { findings = [], href = "", said = "" } = told;
  await put({ ...entry, state: told.taken ? "sent" : "refused", findings, href, said, sent: Date.now() });
  return "";
}

async function dropSent() {
  const sent = (await entries()).filter((each) => each.state === "sent");
  for (const entry of sent.slice(0, -KEPT_SENT)) await remove(entry.id);
}

// What waits, on the page -------------------------------------------------------------------------

function make(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text, ...more });
}

async function show() {
  const all = await entries();
  offer(all);
  const waiting = all.filter((each) => each.state === "waiting").length;
  const refused = all.filter((each) => each.state === "refused").length;
  section.hidden = !all.length;
  section.dataset.state = refused ? "refused" : waiting ? "waiting" : "sent";
  const line = waiting ? words.waiting : refused ? words.refused : words.all_sent;
  const why = waiting && trouble ? words.trouble[trouble] : "";
  const said = section.querySelector("[data-said]");
  said.textContent = `${line.replace("{n}", waiting || refused)}${why ? ` ${why}` : ""}`;
  section.querySelector("ol").replaceChildren(...all.reverse().map(itemOf));
}

function itemOf(entry) {
  const item = make("li", "");
  item.dataset.state = entry.state;
  const badge = make("span", words.state[entry.state], { className: `badge ${BADGES[entry.state]}` });
  item.append(badge, " ", make("strong", entry.title), ` ${entry.says}`);
  for (const { what, place, mend } of entry.findings) {
    item.append(make("p", [place, what, mend].filter(Boolean).join(" · "), { className: "field-error" }));
  }
  const buttons = make("p", "", { className: "actions" });
  if (entry.state === "sent") {
    if (entry.said) item.append(make("p", entry.said, { className: "hint" }));
    buttons.append(make("a", words.open, { href: entry.href }));
  } else {
    if (entry.state === "refused") {
      buttons.append(button(words.mend, () => again(entry)));
      buttons.append(button(words.again, async () => {
        await put({ ...entry, state: "waiting", findings: [] });
        await send();
      }));
    }
    buttons.append(button(words.remove, async () => {
      if (!confirm(words.sure)) return;
      await remove(entry.id);
      await show();
    }));
  }
  item.append(buttons);
  return item;
}

const BADGES = { waiting: "badge-doubt", refused: "badge-bad", sent: "badge-good" };

function button(text, act) {
  const pressed = make("button", text, { type: "button", className: "button button-quiet" });
  pressed.addEventListener("click", act);
  return pressed;
}

function again(entry) {
  if (entry.page === here) fillIn(entry.id);
  else location.href = `${entry.page}#${entry.id}`;
}

// Pages that open without a network ---------------------------------------------------------------

async function keepPages(fresh) {
  if (!navigator.onLine || !navigator.serviceWorker || !globalThis.caches) return;
  const { worker, scope, pages } = section.dataset;
  await navigator.serviceWorker.register(worker, { scope });
  const name = PREFIX + owner;
  for (const other of await caches.keys()) {
    if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
  }
  const cache = await caches.open(name);
  const files = performance.getEntriesByType("resource").map(({ name: address }) => address);
  const own = files.filter((address) => address.startsWith(`${location.origin}/static/`));
  await Promise.all(own.map((address) => keepOne(cache, address, Infinity)));
  // One after another: the network is not to be filled with what may never be opened.
  for (const address of JSON.parse(pages)) await keepOne(cache, address, fresh);
}

async function keepOne(cache, address, fresh) {
  const kept = await cache.match(address, { ignoreVary: true });
  const age = kept ? Date.now() - Date.parse(kept.headers.get("date")) : Infinity;
  if (age <= fresh) return;
  try {
    const response = await fetch(address, { headers: { Accept: "text/html,*/*" } });
    if (response.ok && !response.redirected) await cache.put(address, response);
  } catch {
    // It is kept another time.
  }
}

async function begin() {
  try {
    await base;
  } catch {
    return; // no database here: forms are sent as any other
  }
  for (const form of document.querySelectorAll("form[data-queue]")) {
    setDays(form);
    form.addEventListener("submit", keepForm);
  }
  await show();
  if (location.hash) await fillIn(location.hash.slice(1));
  addEventListener("online", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  setInterval(send, RETRY_MS);
  await Promise.all([send(), keepPages(STALE_MS)]);
}

begin();
