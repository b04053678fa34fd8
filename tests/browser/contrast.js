// Returns every visible text whose contrast with the nearest ground behind it is too small
// (WCAG 2.2, 1.4.3).
([least, leastLarge]) => {
  const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const hidden = !element.checkVisibility() || element.closest("svg, .unseen");
    const seen = walker.currentNode.data.trim() && !hidden;
    if (!seen || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
    const pair = [luminance(rgb(style.color)), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (contrast < (large ? leastLarge : least)) {
      const where = element.className || element.tagName;
      faint.push(`${contrast.toFixed(2)} ${where}: ${element.textContent}`);
    }
  }
  return faint;
}
