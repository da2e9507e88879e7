// Draws the pictures of a page. Each has its table beside it; whoever hears the page instead of seeing it gets that.
import * as echarts from "./vendor/echarts.esm.min.js";

/** A colour of the house as the browser computes it, since a canvas knows no light-dark(). */
function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Options that all pictures share; tooltips are drawn, since the page allows no styles inside of markup. */
function frame() {
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--ink") },
    tooltip: { renderMode: "richText", backgroundColor: colour("--panel"), borderColor: colour("--rule"), textStyle: { color: colour("--ink") } },
  };
}

const kinds = {
  sankey({ nodes, links }) {
    const labels = new Map(nodes.map((node) => [node.name, node.label]));
    const say = (value) => value.toLocaleString(document.documentElement.lang);
    return {
      ...frame(),
      tooltip: {
        ...frame().tooltip,
        formatter: ({ dataType, data, value }) =>
          dataType === "edge"
            ? `${labels.get(data.source)} → ${labels.get(data.target)}: ${say(value)}`
            : `${labels.get(data.name)}: ${say(value)}`,
      },
      series: {
        type: "sankey",
        data: nodes.map((node) => ({ ...node, itemStyle: { color: colour("--strong") } })),
        links,
        draggable: false,
        nodeAlign: "justify",
        nodeGap: 10,
        nodeWidth: 12,
        left: 8, right: 190, top: 8, bottom: 8,
        label: { color: colour("--ink"), fontSize: 12, width: 180, overflow: "truncate", formatter: ({ name }) => labels.get(name) },
        lineStyle: { color: colour("--band"), opacity: 0.5, curveness: 0.5 },
        emphasis: { focus: "adjacency" },
      },
    };
  },
};

const drawn = new Map();

function draw() {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const { kind, ...data } = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    if (!drawn.has(place)) drawn.set(place, echarts.init(place));
    drawn.get(place).setOption(kinds[kind](data), true);
  }
}

draw();
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
