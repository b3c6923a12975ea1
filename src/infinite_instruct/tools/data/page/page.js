// The page of the knowledge graph. All text from the data goes in by textContent.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const KINDS = {
    task: ["Task", "#c8553d"],
    instruction: ["Instruction", "#2f7f86"],
    knowledge_point: ["Knowledge point", "#6d5fa8"],
  };
  const FADED = "#e6e6e1";
  const $ = (id) => document.getElementById(id);

  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    if (parent) parent.append(made);
    return made;
  }

  // Positions start on a spiral, not at random: the same graph always looks the same.
  const graph = new graphology.Graph({ type: "undirected" });
  const most = Math.max(1, ...data.nodes.map((node) => node.rows));
  data.nodes.forEach((node, at) => {
    graph.addNode(String(at), {
      label: node.text,
      x: Math.sqrt(at + 1) * Math.cos(at * 2.4),
      y: Math.sqrt(at + 1) * Math.sin(at * 2.4),
      size: 4 + 12 * Math.sqrt(node.rows / most),
      color: KINDS[node.kind][1],
    });
  });
  const thin = data.edges.length > 2000 ? 0.3 : 1; // many thick lines are one grey disc
  for (const [one, other, count, npmi] of data.edges)
    graph.addEdge(String(one), String(other), { weight: count, count, npmi, size: thin * Math.min(4, 0.6 + 0.5 * count), color: "#d3d6d6" });
  const force = graphologyLibrary.layoutForceAtlas2;
  const settings = { ...force.inferSettings(graph), barnesHutOptimize: graph.order > 500, adjustSizes: false, gravity: 1 };
  if (graph.order > 1) force.assign(graph, { iterations: graph.order > 2000 ? 60 : 300, settings });
  if (graph.order > 1 && graph.order <= 1000) graphologyLibrary.layoutNoverlap.assign(graph, { maxIterations: 100, settings: { margin: 6, ratio: 1.4 } });

  let chosen = null;
  const hidden = new Set();
  const view = new Sigma(graph, $("graph"), {
    labelFont: "system-ui, sans-serif",
    labelSize: 13,
    labelColor: { color: "#1d2733" },
    labelDensity: 1.5,
    labelRenderedSizeThreshold: graph.order < 80 ? 0 : 7,
    zIndex: true,
    nodeReducer(id, attributes) {
      if (hidden.has(data.nodes[id].kind)) return { ...attributes, hidden: true };
      if (chosen === null) return attributes;
      if (id === chosen) return { ...attributes, highlighted: true, zIndex: 2 };
      if (graph.areNeighbors(id, chosen)) return { ...attributes, forceLabel: true, zIndex: 1 };
      return { ...attributes, color: FADED, label: "" };
    },
    edgeReducer(edge, attributes) {
      if (chosen === null) return attributes;
      return graph.hasExtremity(edge, chosen) ? { ...attributes, color: "#8b9499" } : { ...attributes, hidden: true };
    },
  });

  function list(title, items, fill) {
    if (!items.length) return;
    element("h3", title, $("detail"));
    const lines = element("ul", "", $("detail"));
    items.forEach((item) => fill(element("li", "", lines), item));
  }

  function choose(id) {
    chosen = id;
    view.refresh();
    const detail = $("detail");
    detail.replaceChildren();
    if (id === null) return;
    const node = data.nodes[id];
    element("h2", node.text, detail);
    element("p", `${KINDS[node.kind][0]} in ${node.languages}; in ${node.rows} problems; drawn ${node.sampled} times, ${node.accepted} accepted`, detail);
    const edges = graph.edges(id).sort((a, b) => graph.getEdgeAttribute(b, "count") - graph.getEdgeAttribute(a, "count"));
    list("Occurs with", edges, (line, edge) => {
      const other = graph.opposite(id, edge);
      element("button", data.nodes[other].text, line).onclick = () => go(other);
      const { count, npmi } = graph.getEdgeAttributes(edge);
      element("span", `${count}×, association ${npmi.toFixed(2)}`, line).className = "count";
    });
    list("Merged into it", node.merges, (line, merge) => {
      element("span", merge.source, line);
      element("span", merge.why, line).className = "count";
    });
    list("Also written", node.surfaces.filter((text) => text !== node.text), (line, text) => (line.textContent = text));
    list("Problems", node.problems, (line, row) => (line.textContent = row));
  }

  function go(id) {
    choose(id);
    const place = view.getNodeDisplayData(id);
    if (place) view.getCamera().animate({ x: place.x, y: place.y, ratio: Math.min(0.6, view.getCamera().ratio) }, { duration: 300 });
  }

  view.on("clickNode", ({ node }) => choose(node));
  view.on("clickStage", () => choose(null));
  const byText = new Map(data.nodes.flatMap((node, at) => [...node.surfaces, node.id, node.text].map((text) => [text.toLowerCase(), String(at)])));
  data.nodes.forEach((node) => { element("option", "", $("names")).value = node.text; });
  function find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return choose(null);
    const found = byText.get(wanted) ?? [...byText].find(([known]) => known.includes(wanted))?.[1];
    if (found !== undefined) go(found);
  }
  $("search").addEventListener("input", ({ target }) => find(target.value));
  // graph.html#hash%20map opens on that keyword.
  try { find(decodeURIComponent(location.hash.slice(1))); } catch (error) { if (!(error instanceof URIError)) throw error; }
  for (const [kind, [name, color]] of Object.entries(KINDS)) {
    const label = element("label", "", $("kinds"));
    const box = element("input", "", label);
    box.type = "checkbox";
    box.checked = true;
    box.onchange = () => { box.checked ? hidden.delete(kind) : hidden.add(kind); view.refresh(); };
    const dot = element("span", "", label);
    dot.className = "dot";
    dot.style.background = color;
    element("span", name, label);
    element("span", String(data.nodes.filter((node) => node.kind === kind).length), label).className = "count";
  }
  $("summary").textContent = data.summary;
  document.body.dataset.ready = "yes";
})();
