// Draws the charts of a page with ECharts, loaded only when one comes into view.

const READY = "ready";

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    watcher.unobserve(entry.target);
    draw(entry.target);
  }
});
for (const figure of document.querySelectorAll("[data-chart]")) watcher.observe(figure);

async function draw(figure) {
  const area = figure.querySelector(".chart-area");
  const state = area.querySelector(".chart-state");
  try {
    const option = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const echarts = await import(new URL("./vendor/echarts/echarts.esm.min.js", import.meta.url));
    state.remove();
    const drawn = echarts.init(area, null, { renderer: "canvas" });
    drawn.setOption({ ...houseStyle(), ...option, tooltip: tooltipOf(option) });
    new ResizeObserver(() => drawn.resize()).observe(area);
    figure.dataset.chart = READY;
  } catch {
    state.textContent = state.dataset.failed;
    area.append(state);
    figure.querySelector("details")?.setAttribute("open", "");
  }
}

function houseStyle() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    color: ["--azurite", "--ochre-bright", "--malachite", "--cinnabar", "--loess-500"].map(token),
    textStyle: { fontFamily: token("--sans"), color: token("--ink") },
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    grid: { left: 8, right: 16, top: 32, bottom: 8, containLabel: true },
  };
}

// Rich text instead of HTML: the page's policy forbids the inline styles of ECharts' HTML tips.
function tooltipOf({ tooltip = {} }) {
  return { trigger: "axis", ...tooltip, renderMode: "richText" };
}
