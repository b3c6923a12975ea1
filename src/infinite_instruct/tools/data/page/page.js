// The page of the knowledge graph. All text from the data goes in by textContent.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const nodes = data.nodes;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const KINDS = {
    task: ["Task", "#d1603d"],
    instruction: ["Instruction", "#2a8f97"],
    knowledge_point: ["Knowledge point", "#7b68c4"],
  };
  const PALETTE = ["#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#b07aa1", "#2f9e95", "#d4a514", "#9c755f", "#e377a2", "#6b8e23", "#5b6ee1", "#c45ab3"];
  const OTHERS = dark ? "#77818d" : "#98a1a9";
  const NEVER = dark ? "#454f5c" : "#c9ced2";
  const SCALE = ["#d8b34a", "#7fb86b", "#2f9e8f", "#2b6fa3", "#553c9a"]; // seldom to often
  const FADED = dark ? "#262d37" : "#e8eae8";
  // Many grey lines on top of each other are one grey disc: the more there are, the fainter.
  const faint = Math.max(0.05, Math.min(0.4, 8 / Math.sqrt(data.edges.length + 1)));
  const hex = (share) => Math.round(255 * share).toString(16).padStart(2, "0");
  // sigma adds colours up as they are: one with an alpha has to be multiplied by it before.
  const EDGE = "#" + [...(dark ? [0.55, 0.63, 0.72] : [0.42, 0.48, 0.53]).map((part) => part * faint), faint].map(hex).join("");
  const NEAR = dark ? "#7d8a99" : "#8b9499";
  const INK = dark ? "#e5eaf2" : "#1d2733";
  const LISTED = 40;
  const $ = (id) => document.getElementById(id);

  function element(name, text, parent, className = "") {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    if (parent) parent.append(made);
    return made;
  }

  // Communities come with the largest first. Those with a colour have a name; the others are one group.
  const named = Math.min(PALETTE.length, data.communities.filter(([, size]) => size >= 3).length);
  const group = (node) => Math.min(node.community, named);
  const called = (community) => nodes[data.communities[community][0]].text;
  const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

  // ---- the graph, its places made beforehand
  const graph = new graphology.Graph({ type: "undirected" });
  const most = Math.max(1, ...nodes.map((node) => node.rows));
  // Neighbours are 10 apart in the data; on the screen about this many pixels.
  const width = (axis) => nodes.reduce((most, node) => Math.max(most, Math.abs(node[axis])), 1) * 2;
  const apart = (10 * 800) / Math.max(width("x"), width("y"));
  const least = Math.max(1.6, Math.min(4, 0.2 * apart));
  const largest = Math.max(2 * least, Math.min(16, 0.6 * apart));
  nodes.forEach((node, id) => {
    const size = least + (largest - least) * Math.sqrt(node.rows / most);
    graph.addNode(String(id), { label: node.text, x: node.x, y: -node.y, size });
  });
  const thin = data.edges.length > 4000 ? 0.3 : data.edges.length > 600 ? 0.6 : 1; // many thick lines are one grey disc
  for (const [one, other, count, association] of data.edges)
    graph.addEdge(String(one), String(other), { count, association: association / 100, size: thin * Math.min(4, 0.7 + 0.4 * count) });

  // ---- colours
  const oftenest = Math.log1p(Math.max(1, ...nodes.map((node) => node.sampled)));
  function mixed(from, to, share) {
    const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
    return "#" + [1, 3, 5].map((at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share).toString(16).padStart(2, "0")).join("");
  }
  function scaled(share) {
    const at = Math.min(share, 0.9999) * (SCALE.length - 1);
    return mixed(SCALE[Math.floor(at)], SCALE[Math.floor(at) + 1], at % 1);
  }
  const COLOURS = {
    kind: ["Kind", (node) => (node.blocked !== null ? NEVER : KINDS[node.kind][1])],
    community: ["Community", (node) => (node.blocked !== null ? NEVER : group(node) === named ? OTHERS : PALETTE[node.community])],
    coverage: ["Coverage", (node) => (node.sampled && node.blocked === null ? scaled(Math.log1p(node.sampled) / oftenest) : NEVER)],
  };
  const paper = dark ? "#11151c" : "#fbfbf9";
  function paint(mode) {
    const colour = COLOURS[mode][1];
    graph.updateEachNodeAttributes((id, attributes) => ({ ...attributes, color: colour(nodes[id]) }));
    // An edge within a community has its colour, a bridge is grey.
    graph.updateEachEdgeAttributes((_edge, attributes, one, other) => {
      const [a, b] = [nodes[one], nodes[other]];
      const within = mode !== "coverage" && a.community === b.community;
      const same = within && colour(a) === colour(b);
      return { ...attributes, color: same ? mixed(paper, colour(a), 0.3) : EDGE };
    });
  }

  // ---- what is chosen and what is shown
  let chosen = null;
  let near = new Set();
  const hidden = { kind: new Set(), community: new Set() };
  const isHidden = (node) => hidden.kind.has(node.kind) || hidden.community.has(group(node));

  function drawn() {
    try {
      return new Sigma(graph, $("graph"), {
        labelFont: "system-ui, sans-serif",
        labelSize: 13,
        labelColor: { color: INK },
        labelDensity: 0.7,
        labelGridCellSize: 110,
        labelRenderedSizeThreshold: nodes.length < 80 ? 0 : 0.8 * largest,
        defaultDrawNodeLabel: label,
        defaultDrawNodeHover: hover,
        hideEdgesOnMove: data.edges.length > 5_000,
        minCameraRatio: 0.01,
        maxCameraRatio: 3,
        zIndex: true,
        nodeReducer(id, attributes) {
          if (isHidden(nodes[id])) return { ...attributes, hidden: true };
          if (chosen === null) return hubs.has(id) ? { ...attributes, forceLabel: true, zIndex: 1 } : attributes;
          if (id === chosen) return { ...attributes, highlighted: true, forceLabel: true, zIndex: 2 };
          if (near.has(id)) return { ...attributes, forceLabel: near.size <= LISTED, zIndex: 1 };
          return { ...attributes, color: FADED, label: "" };
        },
        edgeReducer(edge, attributes) {
          if (chosen === null) return attributes;
          return graph.hasExtremity(edge, chosen) ? { ...attributes, color: NEAR, size: Math.max(1, attributes.size) } : { ...attributes, hidden: true };
        },
      });
    } catch (fault) {
      $("fault").hidden = false;
      $("fault").textContent = `This browser cannot draw the graph (${fault.message}). Search and details work.`;
      return null;
    }
  }

  // Labels never cover each other: the first at a place stays, and the largest come first.
  let taken = [];
  function label(context, node, settings) {
    if (!node.label) return;
    const hub = hubs.has(node.key);
    context.font = `${hub ? "600 " : ""}${settings.labelSize}px ${settings.labelFont}`;
    const place = [node.x + node.size + 3, node.y - 8, context.measureText(node.label).width + 6, 17];
    const [x, y, width, height] = place;
    if (taken.some(([left, top, wide, high]) => x < left + wide && left < x + width && y < top + high && top < y + height)) return;
    taken.push(place);
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = paper;
    context.strokeText(node.label, x, y + 13);
    context.fillStyle = INK;
    context.fillText(node.label, x, y + 13);
  }

  function hover(context, node, settings) {
    context.font = `${settings.labelSize}px ${settings.labelFont}`;
    const width = node.label ? context.measureText(node.label).width + 12 : 0;
    context.fillStyle = dark ? "#232b37" : "#fff";
    context.shadowColor = "#0006";
    context.shadowBlur = 8;
    context.beginPath();
    context.arc(node.x, node.y, node.size + 3, 0, 2 * Math.PI);
    if (width) context.roundRect(node.x, node.y - 12, node.size + width, 24, 6);
    context.fill();
    context.shadowBlur = 0;
    context.fillStyle = INK;
    if (width) context.fillText(node.label, node.x + node.size + 5, node.y + settings.labelSize / 3);
  }

  const hubs = new Set(data.communities.filter(([, size]) => size >= 8).map(([hub]) => String(hub)));
  paint("kind");
  const view = drawn();
  view?.on("beforeRender", () => (taken = []));
  const refresh = () => view?.refresh({ skipIndexation: true });

  // ---- details
  function list(title, items, fill, listed = LISTED) {
    if (!items.length) return;
    element("h3", title, $("detail"));
    const lines = element("ul", "", $("detail"));
    const more = items.length - listed;
    items.slice(0, listed).forEach((item) => fill(element("li", "", lines), item));
    if (more > 0) element("li", `and ${more.toLocaleString("en")} more`, lines, "count");
  }

  function facts(pairs) {
    const all = element("div", "", $("detail"), "facts");
    for (const [value, name] of pairs) {
      const one = element("div", "", all);
      element("b", value.toLocaleString("en"), one);
      element("span", name, one);
    }
  }

  function choose(id) {
    chosen = id;
    near = new Set(id === null ? [] : graph.neighbors(id));
    refresh();
    const detail = $("detail");
    detail.replaceChildren();
    detail.hidden = id === null;
    if (id === null) return;
    const node = nodes[id];
    element("h2", node.text, detail);
    const where = [...node.languages, ...node.from.filter((name) => name !== "rows")].map((name) => ` · ${name}`).join("");
    element("p", `${KINDS[node.kind][0]}${where} · with “${called(node.community)}”`, detail);
    if (node.blocked !== null) element("p", `Blocked: ${node.blocked || "no reason given"}`, detail, "blocked");
    facts([[node.rows, "problems"], [node.sampled, "times drawn"], [node.accepted, "accepted"]]);
    list("Also written", node.surfaces.filter((text) => text !== node.text), (line, text) => (line.textContent = text));
    list("Merged into it", node.merges, (line, [source, why]) => {
      element("span", source, line);
      element("span", why, line, "why");
    });
    list("Belongs together", node.relations, (line, [told, other]) => {
      element("span", `${told} `, line);
      element("button", nodes[other].text, line).onclick = () => go(String(other));
    });
    const edges = graph.edges(id).filter((edge) => graph.getEdgeAttribute(edge, "count") > 0).sort((a, b) => graph.getEdgeAttribute(b, "count") - graph.getEdgeAttribute(a, "count"));
    list("Occurs with", edges, (line, edge) => {
      const other = graph.opposite(id, edge);
      element("button", nodes[other].text, line).onclick = () => go(other);
      const { count, association } = graph.getEdgeAttributes(edge);
      element("span", `${count}× · association ${association.toFixed(2)}`, line, "count");
    }, 15);
    list(node.problems.length < node.rows ? `Newest of ${plural(node.rows, "problem")}` : "Problems", node.problems, (line, row) => {
      element("span", row, line);
      if (data.problems[row]) element("span", data.problems[row], line, "why");
    });
    $("said").textContent = `${node.text}: ${plural(near.size, "neighbour")}, ${plural(node.rows, "problem")}`;
    document.querySelector("aside").scrollTop = 0;
  }

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  function go(id) {
    choose(id);
    const place = view?.getNodeDisplayData(id);
    if (!place) return;
    const camera = view.getCamera();
    camera.animate({ x: place.x, y: place.y, ratio: Math.min(nodes.length > 400 ? 0.25 : 0.6, camera.ratio) }, { duration: still ? 0 : 300 });
  }

  view?.on("clickNode", ({ node }) => choose(node));
  view?.on("clickStage", () => choose(null));
  view?.on("enterNode", () => ($("graph").style.cursor = "pointer"));
  view?.on("leaveNode", () => ($("graph").style.cursor = ""));

  // ---- search
  const texts = nodes.map((node) => [...new Set([node.text, node.id, ...node.surfaces])].map((text) => text.toLowerCase()));
  let results = [];
  let marked = 0;
  function rank(names, wanted) {
    if (names.includes(wanted)) return 0;
    if (names.some((name) => name.startsWith(wanted))) return 1;
    if (names.some((name) => name.includes(` ${wanted}`))) return 2;
    return names.some((name) => name.includes(wanted)) ? 3 : 4;
  }
  function find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    // Nodes come with the most frequent first: a stable sort keeps that within a rank.
    return texts.map((names, id) => [rank(names, wanted), String(id)]).filter(([rank]) => rank < 4).sort((a, b) => a[0] - b[0]).map(([, id]) => id);
  }
  function suggest() {
    const found = find($("search").value);
    results = found.slice(0, LISTED);
    marked = 0;
    const lines = $("found");
    lines.replaceChildren();
    results.forEach((id, at) => {
      const line = element("li", "", lines);
      line.id = `found-${at}`;
      line.setAttribute("role", "option");
      element("span", "", line, "dot").style.background = KINDS[nodes[id].kind][1];
      element("span", nodes[id].text, line);
      element("span", plural(nodes[id].rows, "problem"), line, "count");
      line.onmousedown = (event) => { event.preventDefault(); take(id); };
    });
    const asked = $("search").value.trim() !== "";
    if (asked && !results.length) element("li", "No keyword has this in it.", lines, "none");
    if (asked) $("said").textContent = `${plural(found.length, "keyword")} found`;
    open(asked);
    mark(0);
  }
  function open(yes) {
    $("found").hidden = !yes;
    $("search").setAttribute("aria-expanded", String(yes));
  }
  function mark(at) {
    marked = Math.max(0, Math.min(at, results.length - 1));
    [...$("found").children].forEach((line, number) => line.setAttribute("aria-selected", String(results.length > 0 && number === marked)));
    const line = results.length && !$("found").hidden ? $("found").children[marked] : null;
    line?.scrollIntoView({ block: "nearest" });
    if (line) $("search").setAttribute("aria-activedescendant", line.id);
    else $("search").removeAttribute("aria-activedescendant");
  }
  function take(id) {
    open(false);
    go(id);
  }
  $("search").addEventListener("input", suggest);
  $("search").addEventListener("focus", () => { if ($("search").value) suggest(); });
  $("search").addEventListener("blur", () => open(false));
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(marked + 1);
    else if (event.key === "ArrowUp") mark(marked - 1);
    else if (event.key === "Enter" && results.length) take(results[marked]);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target === $("search");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { $("search").value = ""; open(false); choose(null); }
    else if (typing) return;
    else if (event.key === "/") { event.preventDefault(); $("search").focus(); $("search").select(); }
    else if (event.key === "+" || event.key === "=") view?.getCamera().animatedZoom({ duration: 150 });
    else if (event.key === "-") view?.getCamera().animatedUnzoom({ duration: 150 });
    else if (event.key === "0") view?.getCamera().animatedReset({ duration: 150 });
  });

  // ---- filters, which are the legend, too
  function box(kind, key, name, colour, count, parent) {
    const label = element("label", "", parent);
    const made = element("input", "", label);
    made.type = "checkbox";
    made.checked = !hidden[kind].has(key);
    made.onchange = () => { made.checked ? hidden[kind].delete(key) : hidden[kind].add(key); refresh(); };
    if (colour) element("span", "", label, "dot").style.background = colour;
    element("span", name, label, "name");
    element("span", count.toLocaleString("en"), label, "count");
  }
  function heading(title, kind, keys, mode) {
    const line = element("div", "", $("filters"), "heading");
    element("h3", title, line);
    const toggle = element("button", "all / none", line, "count");
    toggle.setAttribute("aria-label", `${title}: show all or none`);
    toggle.onclick = () => {
      const none = hidden[kind].size === 0;
      hidden[kind] = new Set(none ? keys : []);
      legend(mode);
      refresh();
    };
  }
  const tally = (of) => nodes.reduce((counts, node) => counts.set(of(node), (counts.get(of(node)) ?? 0) + 1), new Map());
  function legend(mode) {
    $("filters").replaceChildren();
    const kinds = tally((node) => node.kind);
    const groups = tally(group);
    if (mode === "coverage") {
      element("div", "", $("filters"), "scale").style.background = `linear-gradient(90deg, ${NEVER} 8%, ${SCALE[0]} 8%, ${SCALE.slice(1).join(", ")})`;
      const ends = element("div", "", $("filters"), "ends");
      element("span", `never drawn: ${nodes.filter((node) => !node.sampled).length.toLocaleString("en")}`, ends);
      element("span", `${Math.max(0, ...nodes.map((node) => node.sampled)).toLocaleString("en")} times`, ends);
    }
    heading("Kinds", "kind", Object.keys(KINDS), mode);
    for (const [kind, [name, colour]] of Object.entries(KINDS)) box("kind", kind, name, mode === "kind" ? colour : "", kinds.get(kind) ?? 0, $("filters"));
    heading("Communities", "community", [...groups.keys()], mode);
    [...groups].sort((a, b) => a[0] - b[0]).forEach(([at, count]) => {
      const rest = at === named;
      const name = rest ? plural(data.communities.length - at, "smaller one") : called(at);
      box("community", at, name, mode === "community" ? (rest ? OTHERS : PALETTE[at]) : "", count, $("filters"));
    });
  }
  function colourBy(mode) {
    paint(mode);
    legend(mode);
    refresh();
  }
  for (const [mode, [name]] of Object.entries(COLOURS)) {
    const label = element("label", "", $("colours"));
    const made = element("input", "", label);
    made.type = "radio";
    made.name = "colour";
    made.checked = mode === "kind";
    made.onchange = () => colourBy(mode);
    element("span", name, label);
  }
  legend("kind");
  $("summary").textContent = data.summary;

  // graph.html#hash%20map opens on that keyword.
  try {
    const [first] = find(decodeURIComponent(location.hash.slice(1)));
    if (first !== undefined) go(first);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  document.body.dataset.ready = "yes";
})();
