"use strict";
// Shows what /page/state says, again and again. Whatever comes from there is text, never markup: names are the manifest's, and answers of
// servers are strangers'.

const pollEvery = 2000, pollEveryOfMany = 5000, many = 3000, patience = 5000;
const mostEvents = 200, mostSamples = 60, mostOpened = 10, resortEvery = 10000;
const byId = id => document.getElementById(id);
const [list, find, show, order] = ["list", "find", "show", "order"].map(byId);

let state = null;               // the last answer
let receivedAt = 0;             // by this browser's clock
let lostSince = 0, lostWhy = "";
let lastEvent = 0;
let timer = 0, request = null;
let sortedAt = 0;
const cards = new Map();        // by name and address
const collator = new Intl.Collator(undefined, { numeric: true });

const signs = { bad: "✖", warn: "⚠", calm: "◆", good: "✔", faint: "…" };
const ranks = { bad: 3, warn: 2, calm: 1, faint: 1, good: 0 };

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function put(node, text) {
  text = String(text ?? "");
  if (node.textContent !== text) node.textContent = text;
}

function setClass(node, name) {
  if (node.className !== name) node.className = name;
}

const count = (n, one, more = one + "s") => `${n} ${n === 1 ? one : more}`;

function clock(ms) {
  const time = new Date(ms);
  const text = time.toLocaleTimeString("en-GB");
  return Math.abs(Date.now() - ms) < 86_400_000 ? text : `${time.toLocaleDateString("sv-SE")} ${text}`;
}

// The director writes times for everybody; here they are this reader's.
const localised = text => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, time => clock(Date.parse(time)));

function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
  return `${Math.floor(s / 86_400)} d ${Math.floor(s % 86_400 / 3600)} h`;
}

// Ages by the director's clock: this browser's may be wrong.
const ago = ms => `${span(state.now - ms)} ago`;

/* Judging */

function serverMark(server) {
  if (server.intent === "maintain") return ["calm", "in maintenance"];
  if (server.intent === "drain") return ["calm", server.deadline && server.deadline > state.now && !server.out ? `draining, ${span(server.deadline - state.now)} left` : "drained"];
  switch (server.state) {
    case "down": return ["bad", server.out || server.weight === 0 ? "down" : "down, kept in"];
    case "unknown": return ["faint", "unknown"];
    case "unchecked": return ["good", "not checked"];
    case "fallback": return server.out ? ["faint", "fallback, not needed"] : ["warn", "fallback stands in"];
    default: return server.weight === 0 && server.of ? ["warn", "up, set aside"] : ["good", "up"];
  }
}

function serviceMark(service) {
  const own = service.servers.filter(s => s.state !== "fallback");
  const sick = own.find(s => s.state === "down" && !s.intent);
  const reason = sick ? `; ${sick.name}: ${localised(sick.why || "down")}` : "";
  const healthy = `${service.healthy} of ${own.length} healthy`;
  if (service.fallback) return ["warn", `the fallback stands in, ${healthy}${reason}`];
  if (service.serving === 0 && own.every(s => s.state === "unknown")) return ["faint", "nothing is known yet"];
  if (service.serving === 0) return ["bad", `nobody answers, ${healthy}${reason}`];
  if (service.noQuorum) return ["bad", `no quorum, ${healthy}${reason}`];
  if (service.kept) return ["warn", `keeps ${count(service.kept, "sick server")} in, ${healthy}${reason}`];
  if (sick) return ["warn", healthy + reason];
  const wished = own.filter(s => s.intent).length;
  if (wished) return ["calm", `${healthy}, ${wished} as operators asked`];
  if (own.some(s => s.state === "unknown")) return ["faint", `${healthy}, others not known yet`];
  return ["good", healthy];
}

/* A service */

const columns = [["Server"], ["Address"], ["State"], ["Weight", "number"], ["Active", "number"], ["Inactive", "number"], ["Why"]];

class Card {
  constructor(key) {
    this.key = key;
    this.samples = [];
    this.rows = new Map();
    this.byHand = false;
    this.name = make("h3");
    this.at = make("span", { class: "at" });
    this.sign = make("span", { class: "sign", "aria-hidden": "true" });
    this.words = make("span");
    this.verdict = make("span", { class: "verdict" }, this.sign, this.words);
    this.active = make("span");
    this.line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    this.spark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of [["class", "spark"], ["viewBox", "0 0 60 20"], ["preserveAspectRatio", "none"], ["role", "img"]]) this.spark.setAttribute(name, value);
    this.spark.append(this.line);
    this.flow = make("span", { class: "flow" }, this.spark, this.active);
    this.summary = make("summary", {}, this.name, this.at, this.verdict, this.flow);
    this.details = make("details", {}, this.summary);
    this.summary.addEventListener("click", () => { this.byHand = true; });
    this.details.addEventListener("toggle", () => this.renderServers());
    this.node = make("li", {}, this.details);
  }

  update(service) {
    this.service = service;
    [this.mark, this.text] = serviceMark(service);
    if (service.active !== undefined) {
      this.samples.push(service.active);
      if (this.samples.length > mostSamples) this.samples.shift();
    }
    if (!this.byHand && ranks[this.mark] >= 2 && !this.details.open && openedCards() < mostOpened) this.details.open = true;
  }

  render() {
    put(this.name, this.service.name);
    put(this.at, this.service.at);
    put(this.sign, signs[this.mark]);
    put(this.words, this.text);
    setClass(this.verdict, `verdict ${this.mark}`);
    put(this.active, this.service.active === undefined ? "" : `${this.service.active} active`);
    this.renderSpark();
    this.renderServers();
  }

  renderSpark() {
    this.spark.toggleAttribute("hidden", this.samples.length < 2);
    if (this.samples.length < 2) return;
    const [low, high] = [Math.min(...this.samples), Math.max(...this.samples)];
    const step = 60 / (mostSamples - 1), start = 60 - step * (this.samples.length - 1);
    const points = this.samples.map((n, i) => `${(start + i * step).toFixed(1)},${(high === 0 ? 19 : 19 - 18 * n / high).toFixed(1)}`).join(" ");
    if (this.line.getAttribute("points") !== points) this.line.setAttribute("points", points);
    const label = `active connections: ${this.samples.at(-1)} now, ${low} to ${high} while this page looked`;
    if (this.spark.getAttribute("aria-label") !== label) this.spark.setAttribute("aria-label", label);
  }

  // Only of those that are open: ten thousand rows are many, and nobody reads them.
  renderServers() {
    if (!this.details.open) {
      this.table?.remove();
      this.table = null;
      this.rows.clear();
      return;
    }
    if (!this.table) {
      this.caption = make("caption");
      this.body = make("tbody", { role: "rowgroup" });
      const heads = columns.map(([name, kind = ""]) => make("th", { scope: "col", role: "columnheader", class: kind }, name));
      this.table = make("table", { role: "table" }, this.caption, make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...heads)), this.body);
      this.details.append(this.table);
    }
    const service = this.service;
    put(this.caption, `${service.name}: scheduler ${service.scheduler}, ${count(service.serving, "server")} get${service.serving === 1 ? "s" : ""} connections`
      + (service.canLose === undefined ? "" : `, ${service.canLose === 0 ? "none" : service.canLose} may fail`)
      + (service.rate === undefined ? "" : `, ${service.rate} new connections a second`));
    const seen = new Set();
    for (const server of service.servers) {
      const key = `${server.name}\n${server.at}`;
      seen.add(key);
      let row = this.rows.get(key);
      if (!row) {
        row = columns.map(([name, kind = ""], i) => i === 0 ? make("th", { scope: "row", role: "rowheader" }) : make("td", { role: "cell", class: kind, "data-label": name }));
        row.node = make("tr", { role: "row" }, ...row);
        this.rows.set(key, row);
        this.body.append(row.node);
      }
      const [mark, words] = serverMark(server);
      const weight = server.of === undefined ? server.weight : `${server.weight} of ${server.of}`;
      const why = server.why ? localised(server.why) : (server.since ? `since ${clock(server.since)}` : "");
      [server.name, server.at, `${signs[mark]} ${words}`, weight, server.active ?? "", server.active === undefined ? "" : server.inactive ?? 0, why].forEach((text, i) => put(row[i], text));
      setClass(row[2], `health ${mark}`);
    }
    for (const [key, row] of this.rows) {
      if (seen.has(key)) continue;
      row.node.remove();
      this.rows.delete(key);
    }
  }

  matches(words, which) {
    const service = this.service;
    if (which === "trouble" && ranks[this.mark] < 2) return false;
    if (which === "wished" && !service.servers.some(s => s.intent)) return false;
    if (words.length === 0) return true;
    const text = `${service.name} ${service.at} ${service.servers.map(s => `${s.name} ${s.at}`).join(" ")}`.toLowerCase();
    return words.every(w => text.includes(w));
  }
}

function openedCards() {
  let opened = 0;
  for (const card of cards.values()) if (card.details.open) opened++;
  return opened;
}

/* The whole */

function renderList(isAsked) {
  const words = find.value.toLowerCase().split(/\s+/).filter(w => w);
  const shown = state.services.map(s => cards.get(`${s.name}\n${s.at}`)).filter(card => card.matches(words, show.value));
  put(byId("count"), shown.length === state.services.length ? count(shown.length, "service") : `${shown.length} of ${count(state.services.length, "service")}`);

  // What moves under the eye all the time cannot be read.
  const isSorting = isAsked || Date.now() - sortedAt > resortEvery || list.childElementCount !== shown.length || shown.some(card => !card.node.isConnected);
  if (isSorting) {
    sortedAt = Date.now();
    const byName = (a, b) => collator.compare(a.service.name, b.service.name) || collator.compare(a.service.at, b.service.at);
    if (order.value === "name") shown.sort(byName);
    if (order.value === "active") shown.sort((a, b) => (b.service.active ?? 0) - (a.service.active ?? 0) || byName(a, b));
    if (order.value === "trouble") shown.sort((a, b) => ranks[b.mark] - ranks[a.mark] || byName(a, b));
    if (shown.some((card, i) => list.children[i] !== card.node) || list.childElementCount !== shown.length) {
      const focused = document.activeElement;
      list.replaceChildren(...shown.map(card => card.node));
      if (focused?.isConnected && list.contains(focused)) focused.focus({ preventScroll: true });
    }
  }
  for (const card of shown) card.render();
}

function banner(kind, text) {
  return make("p", { class: `banner ${kind}` }, make("span", { "aria-hidden": "true" }, signs[kind] + " "), text);
}

function renderBanners() {
  const wanted = [];
  if (lostSince) wanted.push(["bad", `${lostWhy} since ${clock(lostSince)} (${span(Date.now() - lostSince)}). What is shown is as of then; trying again.`]);
  if (state?.trouble) wanted.push(["bad", `Degraded: the kernel's table cannot be seen to: ${state.trouble}`]);
  if (state?.manifest.refused) wanted.push(["warn", `A newer manifest was refused, the old one stays in force: ${state.manifest.refused}`]);
  if (state?.waits) wanted.push(["warn", `Waiting for people: ${state.waits}`]);
  for (const refusal of state?.refusals ?? []) wanted.push(["warn", `Not done: ${refusal}`]);
  if (state?.kernel && !state.trouble) wanted.push(["calm", `Connections cannot be counted: ${state.kernel}`]);
  const [place, key] = [byId("banners"), JSON.stringify(wanted)];
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.hidden = wanted.length === 0;
  place.replaceChildren(...wanted.map(([kind, text]) => banner(kind, text)));
}

function renderHeader() {
  const servers = state.services.flatMap(s => s.servers).filter(s => s.state !== "fallback");
  const down = servers.filter(s => s.state === "down").length;
  const troubled = state.services.filter(s => ranks[cards.get(`${s.name}\n${s.at}`).mark] >= 2).length;
  put(byId("cluster"), `${state.cluster} on ${state.host}`);
  document.title = `${troubled ? `(${troubled}) ` : ""}${state.cluster} – lvsctl`;
  const [mark, words] = lostSince ? ["bad", "no connection to the director"] : state.trouble ? ["bad", "degraded"] : state.waits ? ["warn", "waiting for people"] : ["good", "running"];
  setClass(byId("state"), `state ${mark}`);
  put(byId("state"), `${signs[mark]} ${words}`);
  document.body.classList.toggle("stale", lostSince !== 0);
  const facts = [
    ["Services", troubled ? `${state.services.length}, ${troubled} with trouble` : state.services.length],
    ["Servers", down ? `${servers.length}, ${down} down` : servers.length],
    ["Table seen to", state.pass ? ago(state.pass) : "not yet"],
    ["Manifest read", ago(state.manifest.read)],
    ["Up for", span(state.now - state.started)],
  ];
  const place = byId("facts");
  if (place.childElementCount !== facts.length) place.replaceChildren(...facts.map(([name]) => make("div", {}, make("dt", {}, name), make("dd"))));
  facts.forEach(([, text], i) => put(place.children[i].lastChild, text));
  put(byId("foot"), `lvsctl ${state.version.split("+")[0]}, manifest ${state.manifest.path} ${state.manifest.hash.slice(0, 12)}`);
}

function renderEvents(isFirst) {
  const fresh = state.events;
  // The journal began anew.
  if (state.lastEvent < lastEvent) byId("events").replaceChildren();
  lastEvent = state.lastEvent;
  const marks = { error: "bad", warning: "warn", info: "faint" };
  const place = byId("events");
  for (const event of fresh) {
    const time = make("time", { datetime: event.time }, clock(Date.parse(event.time)));
    const level = make("span", { class: `level ${marks[event.level] ?? "faint"}` }, event.level);
    place.prepend(make("li", {}, time, level, make("span", { class: "text" }, localised(event.message))));
  }
  while (place.childElementCount > mostEvents) place.lastChild.remove();
  if (isFirst) return;
  const told = fresh.filter(e => /^(server|service|director)\./.test(e.event)).map(e => localised(e.message));
  if (told.length > 0) tell(told.length <= 3 ? told.join(". ") : `${told.length} changes, the last: ${told.at(-1)}`);
}

// For those who listen instead of looking.
const tell = text => put(byId("news"), text);

function render(isFirst) {
  const keys = new Set();
  for (const service of state.services) {
    const key = `${service.name}\n${service.at}`;
    keys.add(key);
    if (!cards.has(key)) cards.set(key, new Card(key));
    cards.get(key).update(service);
  }
  for (const key of cards.keys()) if (!keys.has(key)) cards.delete(key);
  renderEvents(isFirst);
  renderHeader();
  renderBanners();
  renderList(isFirst);
}

/* Asking */

async function poll() {
  clearTimeout(timer);
  request?.abort();
  const mine = request = new AbortController();
  const limit = setTimeout(() => mine.abort(), patience);
  try {
    const answer = await fetch(`page/state?after=${lastEvent}`, { signal: mine.signal, cache: "no-store", credentials: "omit" });
    if (!answer.ok) throw new Error(`The director gives no answer (${(await answer.text()).trim()})`);
    const next = await answer.json();
    if (mine !== request) return;
    const isFirst = state === null;
    [state, receivedAt] = [next, Date.now()];
    if (lostSince) tell("The director answers again.");
    [lostSince, lostWhy] = [0, ""];
    render(isFirst);
  } catch (error) {
    if (mine !== request) return;
    lose(error.name === "Error" ? error.message : "No answer from the director");
  } finally {
    clearTimeout(limit);
    if (mine === request) next();
  }
}

function lose(why) {
  if (!lostSince) {
    lostSince = receivedAt || Date.now();
    tell(`${why}. What is shown is as of ${clock(lostSince)}.`);
  }
  lostWhy = why;
  if (state) renderHeader();
  else put(byId("state"), `${signs.bad} no connection to the director`);
  renderBanners();
}

function next() {
  const servers = state?.services.reduce((n, s) => n + s.servers.length, 0) ?? 0;
  clearTimeout(timer);
  // Whoever does not look does not ask either.
  if (document.visibilityState === "visible") timer = setTimeout(poll, servers > many ? pollEveryOfMany : pollEvery);
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (document.visibilityState === "visible") poll();
});
for (const control of [find, show, order]) control.addEventListener("input", () => { if (state) renderList(true); });
byId("tools").addEventListener("submit", event => event.preventDefault());
poll();
