/*
 * Verifies a page of records in this browser and shows, at every record, whether what the page
 * says is what the ledger proves.
 *
 * The page brings:
 *   [data-verdict][data-proof-url][data-verifier-key]   the banner (components/verdict.html)
 *   script#verify-words                                 its words in the page's language, as JSON
 *   [data-record="<id>"]                                one element per record shown
 *   [data-fact="/event/action"][data-value="ADD"]       what it shows of that record: a JSON pointer
 *                                                       into the payload (or "header:/actor" into the
 *                                                       header) and the value; an empty value claims
 *                                                       that the record says nothing there;
 *                                                       data-json: the text is JSON, laid out;
 *                                                       data-kind: text, time or word (see SAME)
 * It sets data-verdict to checking, ok, bad or cannot, and data-state of each record to ok, bad,
 * cannot or erased. `?crypto=noble` forces the libraries, to try them where WebCrypto exists.
 */

import { canonical, verifyBundle } from "./verify.js";

const hasOwn = Object.prototype.hasOwnProperty;
// The Core Business Vocabulary's words as URIs (EPCIS 2.0, CBV 2.0 §7); other people's words are not its.
const CBV_WORD =
  /^(?:urn:epcglobal:cbv:[a-z]+:|(?:https?:\/\/(?:ref|ns)\.gs1\.org\/cbv\/|cbv:)[A-Za-z]+-)([a-z_]+)$/u;
// How a shown value and a proven one are held to be the same ([data-kind], text when left out):
// an instant in another notation is the same instant; a standard word may be written as a URI.
const SAME = {
  text: (shown, found) => shown === found,
  time: (shown, found) => shown === found || Date.parse(shown) === Date.parse(found),
  word: (shown, found) => shown === found || shown === CBV_WORD.exec(found)?.[1],
};
const PENDING_RETRIES = 4;
const PENDING_WAIT_MS = 1500;
// The API's error code for a record the integrator has not placed yet.
const WAITING = "ledger.pending";

/** The check could not run; that says nothing about the records. */
class CannotCheck extends Error {
  constructor(key, values = {}, pending = false) {
    super(key);
    this.key = key;
    this.values = values;
    this.pending = pending;
  }
}

const banner = document.querySelector("[data-verdict][data-proof-url]");
const words = JSON.parse(document.getElementById("verify-words")?.textContent ?? "{}");
if (banner) {
  banner.querySelector("[data-retry]")?.addEventListener("click", check);
  check();
}

async function check() {
  show("checking", words.checking, words.checking_hint);
  try {
    const bundle = await fetchBundle(banner.dataset.proofUrl);
    const wish = new URLSearchParams(location.search).get("crypto") === "noble" ? "noble" : "auto";
    const verdict = await verifyBundle(bundle, { verifierKey: banner.dataset.verifierKey, crypto: wish });
    report(verdict);
  } catch (error) {
    const { key, values } =
      error instanceof CannotCheck ? error : { key: "unsupported", values: { what: String(error) } };
    markAll("cannot");
    show("cannot", words.cannot, words.cannot_hint, [fill(words.problem[key], values)]);
  }
}

async function fetchBundle(address, tries = 0) {
  try {
    return await fetchOnce(address);
  } catch (error) {
    if (!error.pending || tries === PENDING_RETRIES) throw error;
    await new Promise((resolve) => setTimeout(resolve, PENDING_WAIT_MS));
    return fetchBundle(address, tries + 1);
  }
}

async function fetchOnce(address) {
  let response;
  try {
    response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
  } catch {
    throw new CannotCheck("offline");
  }
  const body = await response.text().catch(() => {
    throw new CannotCheck("offline");
  });
  if (response.ok) return body;
  if (codeOf(body) === WAITING) throw new CannotCheck("pending", {}, true);
  throw new CannotCheck("server", { status: response.status });
}

function codeOf(body) {
  try {
    return String(JSON.parse(body).error.code);
  } catch {
    return "";
  }
}

// What was found, record by record --------------------------------------------------------------

function report(verdict) {
  explain(verdict);
  if (verdict.problem) {
    markAll("bad");
    const { code, what } = verdict.problem;
    show("bad", words.bad, fill(words.bad_hint, { problems: 1 }), [fill(words.problem[code], { what })]);
    return;
  }
  const proven = new Map(verdict.records.filter((record) => record.id).map((record) => [record.id, record]));
  const states = shownRecords().map((element) => judge(element, proven.get(element.dataset.record)));
  for (const step of document.querySelectorAll(".step:not([data-record])")) markGroup(step);
  const unshown = verdict.records.filter((record) => !record.ok && !isShown(record));
  conclude(states, [...states.flatMap(named), ...unshown.map(problemOf)], verdict);
}

function conclude(states, problems, verdict) {
  const doubtful = states.some(({ state }) => state === "cannot");
  if (states.some(({ state }) => state === "bad") || !verdict.ok) {
    show("bad", words.bad, fill(words.bad_hint, { problems: problems.length }), problems);
  } else if (doubtful) {
    show("cannot", words.cannot, words.cannot_hint, problems);
  } else {
    show("ok", words.ok, fill(words.ok_hint, { records: verdict.records.length }));
  }
}

/** Judge one record the page shows; returns its state and its problems in words. */
function judge(element, record) {
  if (!record) return mark(element, "bad", [words.problem.missing]);
  const differing = factsOf(element).map((fact) => [fact, compare(fact, record)]);
  const problems = differing.map(([, problem]) => problem).filter(Boolean);
  for (const [fact, problem] of differing) fact.toggleAttribute("data-differs", Boolean(problem));
  if (record.problem) return mark(element, "bad", [problemOf(record), ...problems]);
  if (record.erased) return mark(element, problems.length ? "cannot" : "erased", problems);
  return mark(element, problems.length ? "bad" : "ok", problems);
}

function compare(fact, record) {
  const pointer = fact.dataset.fact;
  const shown = shownIn(fact);
  const label = fact.dataset.label ?? fact.closest("div")?.querySelector("dt")?.textContent ?? pointer;
  const [, inHeader, path] = /^(header:)?(.*)$/su.exec(pointer);
  if (record.erased && !inHeader) return shown && fill(words.problem.withheld, { fact: label });
  // Of a payload that does not hold, say where it departs from the page: that is where it was changed.
  const holds = inHeader || record.payload !== null;
  const found = asText(follow(inHeader ? record.header : record.payload ?? record.claimed, path));
  if (SAME[fact.dataset.kind ?? "text"](shown, found)) return "";
  const absent = words.problem.absent;
  // Instants and words are quoted as the reader sees them.
  const quoted = (fact.dataset.kind && fact.textContent.trim()) || shown || absent;
  const values = { fact: label, shown: quoted, found: found || absent };
  return fill(holds ? words.problem.fact : words.problem.claimed, values);
}

function shownIn(fact) {
  const text = fact.dataset.value ?? fact.textContent.trim();
  // JSON laid out for people: its meaning is compared, not its spaces.
  return "json" in fact.dataset ? canonical(JSON.parse(text)) : text;
}

/** Follow a JSON pointer (RFC 6901); undefined where it leads nowhere. */
function follow(value, pointer) {
  const steps = pointer.split("/").slice(1);
  return steps.reduce((at, step) => {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    return typeof at === "object" && at !== null && hasOwn.call(at, name) ? at[name] : undefined;
  }, value);
}

function asText(value) {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : canonical(value);
}

/** The problems of a judged record, each with the record's title. */
function named({ element, problems }) {
  const step = element.closest(".step") ?? element;
  const where = step.querySelector("h2, h3")?.textContent.trim().replace(/\s+/gu, " ");
  const number = step.querySelector(".step-number")?.textContent ?? "";
  return problems.map((problem) => (where ? `${number} ${where}: ${problem}`.trim() : problem));
}

function problemOf({ problem }) {
  return fill(words.problem[problem.code], { what: problem.what });
}

function shownRecords() {
  return [...document.querySelectorAll("[data-record]")];
}

function isShown(record) {
  return shownRecords().some((element) => element.dataset.record === record.id);
}

function factsOf(element) {
  const inside = [...element.querySelectorAll("[data-fact]")];
  return element.matches("[data-fact]") ? [element, ...inside] : inside;
}

// On the page -----------------------------------------------------------------------------------

function mark(element, state, problems) {
  element.dataset.state = state;
  const place = element.querySelector("[data-finding]");
  if (place) {
    const said = state === "cannot" ? "" : words[`step_${state}`];
    place.replaceChildren(...paragraphs([said, ...problems].filter(Boolean)));
  }
  return { element, state, problems };
}

/** A step that stands for several records is as its worst record is; what is wrong is unfolded. */
function markGroup(step) {
  const states = [...step.querySelectorAll("[data-record]")].map((each) => each.dataset.state);
  const worst = ["bad", "cannot", "erased", "ok"].find((state) => states.includes(state));
  if (!worst) return;
  step.dataset.state = worst;
  if (worst !== "ok") step.querySelector("details")?.setAttribute("open", "");
}

function markAll(state) {
  for (const element of shownRecords()) mark(element, state, []);
  for (const step of document.querySelectorAll(".step:not([data-record])")) markGroup(step);
}

function show(state, title, hint, problems = []) {
  banner.dataset.verdict = state;
  banner.querySelector("[data-title]").textContent = title;
  banner.querySelector("[data-hint]").textContent = hint;
  banner.querySelector("[data-problems]").replaceChildren(...items([...new Set(problems)]));
  const retry = banner.querySelector("[data-retry]");
  if (retry) retry.hidden = state !== "cannot";
}

function explain({ checkpoint, anchors, crypto }) {
  put("crypto", words[crypto]);
  put("anchors", anchors.map(({ origin, size }) => `${origin} (${size})`).join(" → ") || words.alone);
  if (!checkpoint) return;
  put("origin", checkpoint.origin);
  put("size", String(checkpoint.size));
  put("root", checkpoint.root);
}

function put(name, text) {
  const place = banner.querySelector(`[data-how="${name}"]`);
  if (place) place.textContent = text;
}

function paragraphs(texts) {
  return texts.map((text) => withText("p", text));
}

function items(texts) {
  return texts.map((text) => withText("li", text));
}

function withText(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
