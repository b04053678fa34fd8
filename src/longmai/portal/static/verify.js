/*
 * Verifies a proof bundle in the browser: payload, Merkle path, signed checkpoint.
 *
 * Needs no build step and no library where the browser has WebCrypto with Ed25519; elsewhere
 * (plain HTTP, older phones) it loads the audited @noble libraries that come with the portal.
 * It never asks the server whether something is right. What it does: docs/explanation/verification.md.
 *
 * Sources: RFC 9162 §2.1 (leaf, node and inclusion), RFC 8785 (canonical JSON), C2SP signed-note and
 * tlog-checkpoint, RFC 8032 (Ed25519).
 */

const FORMAT = "longmai-proof/1";
const ANCHORED_KIND = "ledger.log.anchored";
const HEADER_VERSION = 1;

// Bounds on the work a hostile file can cause.
const MAX_RECORDS = 10_000;
const MAX_LEVELS = 16;
const MAX_PATH = 64;
const MAX_NOTE_CHARACTERS = 65_536;
const MAX_HEADER_BYTES = 65_535;
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

const HASH_BYTES = 32;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const KEY_HASH_BYTES = 4;
const SIGNATURE_BYTES = 64;
const ED25519 = 1;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A proof does not hold. `code`: format, payload, inclusion, signature, key or anchor. */
class Refused extends Error {
  constructor(code, what) {
    super(what);
    this.code = code;
  }

  get problem() {
    return { code: this.code, what: this.message };
  }
}

/**
 * Verify a bundle of the form longmai-proof/1.
 *
 * @param {object|string} bundle the bundle, parsed or as text.
 * @param {object} options
 * @param {string} options.verifierKey the key the caller trusts, as `name+hash+base64`.
 * @param {"auto"|"noble"} [options.crypto] "noble" forces the libraries.
 * @returns {Promise<{ok: boolean, crypto: "webcrypto"|"noble",
 *   checkpoint: {origin: string, size: number, root: string}|null,
 *   anchors: Array<{origin: string, size: number, root: string}>,
 *   records: Array<{id: string|null, leafIndex: number|null, ok: boolean, erased: boolean,
 *     header: object|null, payload: any, claimed: any, problem: {code: string, what: string}|null}>,
 *   problem: {code: string, what: string}|null}>}
 *   `problem` is about the bundle as a whole; each record has its own. `payload` is only set when
 *   proven; `claimed` is what was sent, proven or not. `anchors` are the logs above, from the next
 *   one up, each of which holds the checkpoint below it as a record.
 */
export async function verifyBundle(bundle, { verifierKey, crypto: wish = "auto" }) {
  const engine = await chooseEngine(wish);
  const verdict = {
    ok: false, crypto: engine.name, checkpoint: null, anchors: [], records: [], problem: null,
  };
  try {
    const opened = await openBundle(bundle, verifierKey, engine);
    verdict.checkpoint = opened.checkpoint;
    for (const record of opened.records) {
      verdict.records.push(await verifyRecord(record, opened.checkpoint, engine));
    }
    verdict.anchors = await climb(opened, engine);
    verdict.ok = verdict.records.every((record) => record.ok);
  } catch (error) {
    verdict.problem = asProblem(error);
  }
  verdict.crypto = engine.name;
  return verdict;
}

function asProblem(error) {
  if (error instanceof Refused) return error.problem;
  throw error;
}

// The bundle and its checkpoint ---------------------------------------------------------------

async function openBundle(given, trustedKey, engine) {
  const bundle = typeof given === "string" ? parseJson(given, "bundle") : given;
  if (!isObject(bundle) || bundle.format !== FORMAT) {
    throw new Refused("format", `not a proof of the form ${FORMAT}`);
  }
  return openLevel(bundle, engine, String(trustedKey).trim());
}

async function openLevel(bundle, engine, trustedKey = null) {
  const key = await parseKey(textOf(bundle.verifier_key, "verifier_key"), engine);
  if (trustedKey !== null && bundle.verifier_key.trim() !== trustedKey) {
    throw new Refused("key", `signed by ${key.name}+${key.hashHex}, not by the key of this page`);
  }
  const note = textOf(bundle.checkpoint, "checkpoint");
  const checkpoint = await openCheckpoint(note, key, engine);
  const { records, anchors = [] } = bundle;
  if (!Array.isArray(records) || records.length === 0 || records.length > MAX_RECORDS) {
    throw new Refused("format", `records: 1 to ${MAX_RECORDS} are needed`);
  }
  if (!Array.isArray(anchors) || anchors.length > MAX_LEVELS || !anchors.every(isObject)) {
    throw new Refused("format", "the anchors are not a list of bundles");
  }
  return { key: bundle.verifier_key.trim(), note, checkpoint, records, anchors };
}

// The logs above ------------------------------------------------------------------------------

async function climb(lowest, engine) {
  const levels = [];
  let below = lowest;
  for (const bundle of lowest.anchors) {
    const level = await openLevel(bundle, engine);
    if (!(await holdsBelow(level, below, engine))) {
      const { origin } = level.checkpoint;
      throw new Refused("anchor", `the log ${origin} does not prove the checkpoint below it`);
    }
    levels.push(level.checkpoint);
    below = level;
  }
  return levels;
}

/** Tell whether a log holds the checkpoint below it as a record, with the key that signed it. */
async function holdsBelow(level, below, engine) {
  for (const record of level.records) {
    const found = await verifyRecord(record, level.checkpoint, engine);
    const told = found.ok && found.header.kind === ANCHORED_KIND ? found.payload : null;
    if (told?.verifier_key === below.key && signedText(told.checkpoint) === signedText(below.note)) {
      return true;
    }
  }
  return false;
}

function signedText(note) {
  return typeof note === "string" ? note.slice(0, note.lastIndexOf("\n\n")) : null;
}

async function parseKey(text, engine) {
  const [name, hashHex, encoded, ...rest] = splitKey(text.trim());
  const raw = rest.length ? null : decodeBase64(encoded, "verifier_key");
  if (!raw || raw.length !== 1 + KEY_BYTES || raw[0] !== ED25519 || !/^[^\s+]+$/u.test(name)) {
    throw new Refused("key", "the verifier key is not a well-formed Ed25519 key");
  }
  const hash = (await engine.sha256(concat(encoder.encode(`${name}\n`), raw))).slice(0, KEY_HASH_BYTES);
  if (toHex(hash) !== hashHex) {
    throw new Refused("key", "the verifier key's hash does not fit the key");
  }
  return { name, hashHex, hash, public: raw.slice(1) };
}

// Base64 may hold plus signs itself, so only the first two separate.
function splitKey(text) {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 1 || second < 0) return ["", "", ""];
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

async function openCheckpoint(note, key, engine) {
  const end = note.lastIndexOf("\n\n");
  if (note.length > MAX_NOTE_CHARACTERS || end < 0 || !note.endsWith("\n")) {
    throw new Refused("format", "the checkpoint is not a signed note");
  }
  const text = note.slice(0, end + 1);
  const signature = ourSignature(note.slice(end + 2, -1).split("\n"), key);
  if (!(await engine.verify(key.public, signature, encoder.encode(text)))) {
    throw new Refused("signature", `the checkpoint's signature by ${key.name} does not hold`);
  }
  return claimsOf(text, key);
}

function ourSignature(lines, key) {
  for (const line of lines) {
    const [, name, encoded] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? [];
    if (!name) throw new Refused("format", "the checkpoint has a malformed signature line");
    if (name !== key.name) continue; // a witness, whose key this page does not hold
    const raw = decodeBase64(encoded, "signature");
    if (!sameBytes(raw.slice(0, KEY_HASH_BYTES), key.hash)) continue; // another key of that name
    if (raw.length !== KEY_HASH_BYTES + SIGNATURE_BYTES) {
      throw new Refused("signature", "the signature has the wrong length");
    }
    return raw.slice(KEY_HASH_BYTES);
  }
  throw new Refused("signature", `the checkpoint carries no signature of ${key.name}`);
}

function claimsOf(text, key) {
  const [origin, sizeText, rootText] = text.split("\n");
  const size = /^(?:0|[1-9][0-9]{0,15})$/.test(sizeText ?? "") ? Number(sizeText) : NaN;
  const root = decodeBase64(rootText, "root hash");
  if (!Number.isSafeInteger(size) || root.length !== HASH_BYTES) {
    throw new Refused("format", "the checkpoint is not well-formed");
  }
  if (origin !== key.name) {
    throw new Refused("key", `the checkpoint is of the log ${origin}, the key of ${key.name}`);
  }
  return { origin, size, root: toHex(root) };
}

// One record ----------------------------------------------------------------------------------

async function verifyRecord(record, checkpoint, engine) {
  const found = {
    id: null, leafIndex: null, ok: false, erased: false,
    header: null, payload: null, claimed: null, problem: null,
  };
  try {
    await proveRecord(record, checkpoint, engine, found);
    found.ok = true;
  } catch (error) {
    found.problem = asProblem(error);
    found.payload = null;
  }
  return found;
}

async function proveRecord(record, checkpoint, engine, found) {
  if (!isObject(record)) throw new Refused("format", "a record is not an object");
  const entry = decodeBase64(record.header, "header", MAX_HEADER_BYTES);
  found.header = parseHeader(entry);
  found.id = found.header.id;
  found.leafIndex = leafIndexOf(record.leaf_index);
  found.erased = record.payload === null && record.salt === null;
  if (!found.erased) await openPayload(record, found, engine);
  await checkInclusion(entry, found.leafIndex, checkpoint, pathOf(record.proof), engine);
}

function parseHeader(entry) {
  const text = decodeText(entry, "header");
  const header = parseJson(text, "header");
  const fits =
    isObject(header) && header.version === HEADER_VERSION && typeof header.id === "string" &&
    typeof header.kind === "string" && /^[0-9a-f]{64}$/.test(header.commitment ?? "");
  if (!fits) throw new Refused("format", "the header is not one of a record");
  requireCanonical(header, text, "header");
  return header;
}

function leafIndexOf(value) {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new Refused("format", "leaf_index is not a whole number");
  }
  return value;
}

function pathOf(steps) {
  if (!Array.isArray(steps)) throw new Refused("format", "proof is not a list");
  if (steps.length > MAX_PATH) throw new Refused("inclusion", "the proof is too long");
  return steps.map((step) => {
    const hash = decodeBase64(step, "proof", HASH_BYTES);
    if (hash.length !== HASH_BYTES) throw new Refused("format", "a step of the proof is no hash");
    return hash;
  });
}

async function openPayload(record, found, engine) {
  const payload = decodeBase64(record.payload, "payload", MAX_PAYLOAD_BYTES);
  const salt = decodeBase64(record.salt, "salt", MAX_PAYLOAD_BYTES);
  found.claimed = readLoosely(payload);
  // A salt of another length would move the border between salt and payload.
  const committed = toHex(await engine.sha256(concat(salt, payload)));
  if (salt.length !== SALT_BYTES || committed !== found.header.commitment) {
    throw new Refused("payload", "the payload is not the one that was recorded");
  }
  const text = decodeText(payload, "payload");
  const value = parseJson(text, "payload");
  requireCanonical(value, text, "payload");
  found.payload = value;
}

function readLoosely(bytes) {
  try {
    const value = JSON.parse(decoder.decode(bytes));
    canonical(value); // who reads it may want to write it
    return value;
  } catch {
    return null;
  }
}

/** Check a leaf against the root: RFC 9162 §2.1.3.2. Numbers stay exact up to 2^53. */
async function checkInclusion(entry, leafIndex, { size, root }, path, engine) {
  if (leafIndex >= size) {
    throw new Refused("inclusion", "the checkpoint does not cover this record");
  }
  let fn = leafIndex;
  let sn = size - 1;
  let hash = await engine.sha256(concat([0x00], entry));
  for (const sibling of path) {
    if (sn === 0) throw new Refused("inclusion", "the proof is too long for the tree");
    if (fn % 2 === 1 || fn === sn) {
      hash = await engine.sha256(concat([0x01], sibling, hash));
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = await engine.sha256(concat([0x01], hash, sibling));
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  if (sn !== 0 || toHex(hash) !== root) {
    throw new Refused("inclusion", "the record does not stand in the log at this place");
  }
}

// Canonical JSON (RFC 8785) -------------------------------------------------------------------

/** Write a JSON value canonically; ECMAScript's own numbers and strings are RFC 8785's. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort(); // by UTF-16 code units, as §3.2.3 asks
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

// Two texts could otherwise carry one meaning, and one text (a repeated name) two.
function requireCanonical(value, text, place) {
  let written;
  try {
    written = canonical(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refused("format", `${place} is nested too deeply`);
  }
  if (written !== text) throw new Refused("format", `${place} is not canonical JSON`);
}

// Bytes and text ------------------------------------------------------------------------------

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value, place) {
  if (typeof value !== "string") throw new Refused("format", `${place} is missing`);
  return value;
}

function parseJson(text, place) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused("format", `${place} is not JSON`);
  }
}

function decodeText(bytes, place) {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Refused("format", `${place} is not UTF-8`);
  }
}

function decodeBase64(text, place, maxBytes = MAX_NOTE_CHARACTERS) {
  const wrong = new Refused("format", `${place} is not base64`);
  if (typeof text !== "string" || text.length % 4 !== 0) throw wrong;
  if ((text.length / 4) * 3 > maxBytes + 2) throw new Refused("format", `${place} is too long`);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw wrong;
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw wrong;
  }
  if (btoa(raw) !== text) throw wrong; // stray bits after the last byte
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

// Cryptography --------------------------------------------------------------------------------

/** SHA-256 of bytes, also where the browser has no WebCrypto. */
export async function sha256(bytes) {
  return (await chooseEngine("auto")).sha256(bytes);
}

async function chooseEngine(wish) {
  const subtle = globalThis.isSecureContext ? globalThis.crypto?.subtle : undefined;
  return wish === "noble" || !subtle ? nobleEngine() : webCryptoEngine(subtle);
}

function webCryptoEngine(subtle) {
  const engine = {
    name: "webcrypto",
    sha256: async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes)),
    verify: async (publicKey, signature, message) => {
      const key = await importEd25519(subtle, publicKey);
      if (key) return subtle.verify({ name: "Ed25519" }, key, signature, message);
      // A browser with WebCrypto but without Ed25519 in it.
      engine.name = "noble";
      return (await nobleEngine()).verify(publicKey, signature, message);
    },
  };
  return engine;
}

async function importEd25519(subtle, publicKey) {
  try {
    return await subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  } catch (error) {
    if (error.name !== "DataError") return null; // browsers name the lack of Ed25519 differently
    throw new Refused("key", "the verifier key is not a point of the curve");
  }
}

async function nobleEngine() {
  const [ed25519, { sha256, sha512 }] = await Promise.all([
    import(new URL("./vendor/noble-ed25519/index.js", import.meta.url)),
    import(new URL("./vendor/noble-hashes/sha2.js", import.meta.url)),
  ]);
  ed25519.hashes.sha512 = sha512;
  return {
    name: "noble",
    sha256: async (bytes) => sha256(bytes),
    // RFC 8032's strict rules, as WebCrypto has them, instead of the library's laxer default.
    verify: async (publicKey, signature, message) =>
      ed25519.verify(signature, message, publicKey, { zip215: false }),
  };
}
