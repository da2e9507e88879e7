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
  band({ days, own, low, middle, high, told, names }) {
    const [score, half, most, mark] = names;
    const quiet = { type: "line", symbol: "none", connectNulls: false, lineStyle: { opacity: 0 } };
    const width = high.map((value, at) => (value === null ? null : value - low[at]));
    return {
      ...frame(),
      tooltip: {
        ...frame().tooltip,
        trigger: "axis",
        formatter: (series) => {
          const at = series[0].dataIndex;
          const lines = [`${days[at]} ${told[at] ? mark : ""}`, `${score}: ${own[at]}`];
          if (middle[at] !== null) lines.push(`${half}: ${middle[at]}`, `${most}: ${low[at]} – ${high[at]}`);
          return lines.join("\n");
        },
      },
      legend: { data: [score, half, most], textStyle: { color: colour("--ink") }, top: 0 },
      grid: { left: 40, right: 16, top: 40, bottom: 28 },
      xAxis: { type: "category", data: days, axisLabel: { color: colour("--quiet") } },
      yAxis: { type: "value", axisLabel: { color: colour("--quiet") }, splitLine: { lineStyle: { color: colour("--rule") } } },
      series: [
        { ...quiet, stack: "band", data: low },
        { ...quiet, name: most, stack: "band", data: width, itemStyle: { color: colour("--band") }, areaStyle: { color: colour("--band"), opacity: 0.45 } },
        { name: half, type: "line", symbol: "none", data: middle, itemStyle: { color: colour("--quiet") }, lineStyle: { color: colour("--quiet"), type: "dashed", width: 1 } },
        {
          name: score, type: "line", data: own, itemStyle: { color: colour("--strong") }, lineStyle: { color: colour("--strong"), width: 2 },
          symbol: (_, { dataIndex }) => (told[dataIndex] ? "diamond" : "circle"),
          symbolSize: (_, { dataIndex }) => (told[dataIndex] ? 12 : 4),
        },
      ],
    };
  },
  balance({ days, more, less, left, names }) {
    const [opened, closed, open] = names;
    const bar = { type: "bar", stack: "change", barMaxWidth: 24 };
    return {
      ...frame(),
      tooltip: {
        ...frame().tooltip,
        trigger: "axis",
        formatter: (series) => {
          const at = series[0].dataIndex;
          return [days[at], `${opened}: ${more[at]}`, `${closed}: ${-less[at]}`, `${open}: ${left[at]}`].join("\n");
        },
      },
      legend: { data: names, textStyle: { color: colour("--ink") }, top: 0 },
      grid: { left: 40, right: 16, top: 40, bottom: 28 },
      xAxis: { type: "category", data: days, axisLabel: { color: colour("--quiet") }, axisLine: { onZero: true } },
      yAxis: { type: "value", minInterval: 1, axisLabel: { color: colour("--quiet") }, splitLine: { lineStyle: { color: colour("--rule") } } },
      series: [
        { ...bar, name: opened, data: more, itemStyle: { color: colour("--strong") } },
        { ...bar, name: closed, data: less, itemStyle: { color: colour("--band") } },
        { name: open, type: "line", symbol: "circle", symbolSize: 4, data: left, itemStyle: { color: colour("--quiet") }, lineStyle: { color: colour("--quiet"), width: 2 } },
      ],
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
