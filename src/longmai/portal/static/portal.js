// What every page does in the browser, and what works without it all the same:
// the web font where the system has no Chinese one.

const HAN_SAMPLE = ["\u9647", "\u8109"];

/** Whether this device draws Chinese characters: two different ones look different. */
function systemHasChineseFont() {
  const pixels = HAN_SAMPLE.map((character) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 32;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.font = "24px system-ui, sans-serif";
    pen.fillText(character, 2, 26);
    return pen.getImageData(0, 0, 32, 32).data.join();
  });
  return pixels[0] !== pixels[1];
}

/** Lay out again what stands in a fixed-width font: where the first font is the system's, Chromium
 * keeps the boxes it drew before the range of the web font arrived. Another value of a font feature
 * that no font has makes it look anew. */
function layOutAnew() {
  let turn = 0;
  document.fonts.addEventListener("loadingdone", () => {
    document.documentElement.style.setProperty("--turn", (turn += 1));
  });
}

function loadFont(address) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = address;
  document.head.append(sheet);
}

const font = document.querySelector("script[data-font]")?.dataset.font;
if (font && !systemHasChineseFont()) {
  layOutAnew();
  loadFont(font);
}

// Lists that search, sort and turn pages in place.
if (document.querySelector("[hx-boost]")) {
  import(new URL("./vendor/htmx/htmx.esm.min.js", import.meta.url));
}

// Long work is followed: the part of the page is fetched again until it says that it has ended.
const POLL_MS = 1500;

async function follow(part) {
  for (let current = part; current?.hasAttribute("data-poll"); ) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    try {
      const text = await (await fetch(location.href, { cache: "no-store" })).text();
      const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      if (fresh) {
        current.replaceWith(fresh);
        current = fresh;
      }
    } catch {
      // No network for a moment: the next round tries again.
    }
  }
}

for (const part of document.querySelectorAll("[data-poll]")) follow(part);

// A file field says which file was chosen.
for (const drop of document.querySelectorAll("[data-file-drop]")) {
  const input = drop.querySelector("input");
  const said = drop.querySelector("[data-chosen]");
  const unchosen = said.textContent;
  const say = () => {
    const [file] = input.files;
    said.textContent = file ? said.dataset.chosen.replace("{name}", () => file.name) : unchosen;
  };
  for (const [name, over] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
    input.addEventListener(name, () => drop.toggleAttribute("data-over", over));
  }
  input.addEventListener("change", say);
}

// Who signs out leaves no pages here that were kept for when there is no network (queue.js).
for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
  form.addEventListener("submit", async () => {
    for (const name of (await globalThis.caches?.keys()) ?? []) {
      if (name.startsWith("longmai-pages:")) caches.delete(name);
    }
  });
}

// Buttons that a key presses, as [data-key] says, while nobody types.
const byKey = document.querySelectorAll("button[data-key]");
if (byKey.length) {
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
    for (const button of byKey) if (button.dataset.key === event.key) button.click();
  });
}
