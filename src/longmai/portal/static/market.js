// Seals a bid on this device: only the digest is sent; amount and salt stay here, on a slip that is
// kept in this browser and downloaded. Later the slip fills the form that reveals the bid.
// The text that is hashed is that of allocate/sealing.py.

import { sha256 } from "./verify.js";

const FORMAT = "longmai-bid/1";
const SALT_BYTES = 32;

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const keyOf = ({ lot, bidder }) => `${FORMAT}:${lot}:${bidder}`;

/** An amount in yuan, as typed, in fen; null if it is none. */
function fenOf(text) {
  const found = /^\s*(\d{1,11})(?:\.(\d{1,2}))?\s*$/u.exec(text.replaceAll(/[,，]/gu, ""));
  if (!found) return null;
  const fen = Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return fen > 0 ? fen : null;
}

function keep(slip) {
  try {
    localStorage.setItem(keyOf(slip), JSON.stringify(slip));
  } catch {
    // A browser that keeps nothing: the downloaded slip is left.
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(slip, null, 1)], { type: "application/json" }));
  link.download = `bid-${slip.lot.slice(-6)}-${slip.seal.slice(0, 8)}.json`;
  link.click();
}

async function seal(form) {
  const amount = form.querySelector("[data-amount]");
  const fen = fenOf(amount.value);
  amount.setCustomValidity(fen === null ? amount.closest(".field").querySelector("label").textContent : "");
  if (fen === null) {
    amount.reportValidity();
    return;
  }
  const { lot, bidder } = form.dataset;
  const salt = hex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  const text = [FORMAT, lot, bidder, String(fen), salt].join("\n");
  const digest = hex(await sha256(new TextEncoder().encode(text)));
  keep({ format: FORMAT, lot, bidder, amount_fen: fen, salt, seal: digest });
  form.elements.seal.value = digest;
  form.querySelector("[data-said]").textContent = form.dataset.saved;
  form.submit();
}

function fill(form, slip) {
  if (slip?.format !== FORMAT || slip.seal !== form.dataset.sealNow) return;
  form.elements.amount.value = (slip.amount_fen / 100).toFixed(2);
  form.elements.salt.value = slip.salt;
}

for (const form of document.querySelectorAll("[data-seal]")) {
  form.addEventListener("submit", (event) => {
    if (form.elements.seal.value.trim()) return;
    event.preventDefault();
    seal(form);
  });
  form.querySelector("[data-amount]").addEventListener("input", ({ target }) => target.setCustomValidity(""));
}

for (const form of document.querySelectorAll("[data-reveal]")) {
  try {
    fill(form, JSON.parse(localStorage.getItem(keyOf(form.dataset)) ?? "null"));
  } catch {
    // Nothing kept here: the slip is chosen by hand.
  }
  form.querySelector("[data-slip]").addEventListener("change", async ({ target }) => {
    try {
      fill(form, JSON.parse(await target.files[0].text()));
    } catch {
      // Not a slip: the fields stay as they are.
    }
  });
}
