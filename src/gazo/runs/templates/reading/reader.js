"use strict";
/* Reading without a server: answers are lines, kept in the browser after each one and saved as a return file. */

const page = document.getElementById("page");
const waiting = new Map();
let study, lines, language, panes = [], keys = {}, kept = true, sinceBreak = 0, at = null;

const t = (key, values = {}) => study.words[key][language].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const now = () => Math.round(Date.now()) / 1000;
const home = () => `gazo-reading-${study.pack}`;

function gazoStudy(given) {
  study = given;
  language = navigator.language.toLowerCase().startsWith("ja") ? "ja" : "en";
  lines = [];
  try {
    lines = JSON.parse(localStorage.getItem(home()) ?? "[]");
  } catch {
    kept = false;
  }
  addEventListener("keydown", (event) => {
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!act || event.ctrlKey || event.metaKey || (event.target.tagName === "INPUT" && event.target.type === "text")) return;
    event.preventDefault();
    act();
  });
  addEventListener("beforeunload", (event) => !kept && lines.length && event.preventDefault());
  show();
}

function gazoImage(number, facts, packed) {
  waiting.get(number)?.({ ...facts, packed });
}

async function image(number) {
  const script = document.createElement("script");
  const came = new Promise((done, fail) => (waiting.set(number, done), (script.onerror = () => fail(new Error(t("no_image", { n: number }))))));
  script.src = `images/P${String(number).padStart(4, "0")}.js`;
  document.head.append(script);
  const { packed, ...facts } = await came;
  script.remove();
  waiting.delete(number);
  const bytes = Uint8Array.from(atob(packed), (one) => one.charCodeAt(0));
  const plain = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  return { ...facts, codes: facts.kind === "u16" ? new Uint16Array(plain) : new Uint8Array(plain) };
}

function keep(line) {
  lines.push(JSON.stringify(line));
  try {
    localStorage.setItem(home(), JSON.stringify(lines));
  } catch {
    kept = false;
  }
}

function answers() {
  const found = new Map();
  for (const line of lines.map((one) => JSON.parse(one))) if (line.kind === "answer") found.set(line.trial, line);
  return found;
}

/* The first trial without an answer, and whether its session was begun and may begin. */
function standing() {
  const done = answers();
  const next = study.trials.findIndex((_, n) => !done.has(n));
  const session = study.trials.at(next)?.session ?? 0;
  const before = [...done].filter(([n]) => study.trials[n].session === session - 1).map(([, line]) => line.at);
  const begun = lines.map((one) => JSON.parse(one)).some((line) => line.kind === "session" && line.session === session);
  return { next, session, done, begun, opens: study.washout_days && before.length ? Math.max(...before) + study.washout_days * 86400 : 0 };
}

function make(name, attributes = {}, ...children) {
  const node = Object.assign(document.createElement(name), attributes);
  node.append(...children);
  return node;
}

function clear() {
  panes.forEach((pane) => pane.close());
  panes = [];
  keys = {};
  page.replaceChildren();
}

function show() {
  document.documentElement.lang = language;
  const now_ = standing();
  if (now_.next < 0) return start(now_, "finished");
  if (!now_.begun) return start(now_, now_.opens > now() ? "opens" : "begin");
  if (study.break_minutes && sinceBreak > study.break_minutes * 60) return start(now_, "break");
  return read(at ?? now_.next);
}

/* Before a session, during a break, at the end. */
function start(now_, what) {
  clear();
  const box = make("section", { className: "start" });
  const sessions = study.trials.at(-1).session + 1;
  box.append(make("h1", { textContent: study.name }), make("p", { className: "soft", textContent: `${t("reader", { name: study.reader })} · ${t("session", { n: now_.session + 1, of: sessions })} · ${t("case", { n: now_.done.size, of: study.trials.length })}` }));
  if (what === "begin") {
    const before = lines.map((one) => JSON.parse(one)).findLast((line) => line.kind === "session");
    const [monitor, ambient] = ["monitor", "ambient"].map((name) => make("input", { type: "text", maxLength: 200, value: before?.[name] ?? "" }));
    box.append(make("label", {}, t("monitor"), monitor), make("label", {}, t("ambient"), ambient), make("p", { className: "soft", textContent: t("about") }));
    const begin = () => {
      keep({ kind: "session", session: now_.session, monitor: monitor.value, ambient: ambient.value, width: innerWidth, height: innerHeight, ratio: devicePixelRatio, at: now() });
      show();
    };
    box.append(make("button", { className: "primary", textContent: t("begin"), onclick: begin }));
  } else if (what === "break") {
    box.append(make("p", { textContent: t("break", { n: study.break_minutes }) }), make("button", { className: "primary", textContent: t("go_on"), onclick: () => ((sinceBreak = 0), show()) }));
  } else {
    box.append(make("p", { textContent: t(what, { when: new Date(now_.opens * 1000).toLocaleString(language) }) }));
  }
  if (!kept) box.append(make("p", { className: "warn", textContent: t("not_kept") }));
  const save = make("button", { textContent: t("save_return"), onclick: saveReturn, className: what === "finished" ? "primary" : "", disabled: !lines.length });
  box.append(save, loader(), make("button", { textContent: t("language"), onclick: () => ((language = language === "ja" ? "en" : "ja"), show()) }));
  page.append(box);
}

function loader() {
  const file = make("input", { type: "file", accept: ".json", hidden: true });
  const said = make("p", { className: "warn" });
  file.onchange = async () => {
    try {
      const given = JSON.parse(await file.files[0].text());
      if (given.pack !== study.pack || given.lines.length < lines.length || given.seal !== (await seal(given.lines))) throw new Error();
      lines = [];
      given.lines.forEach((line) => keep(JSON.parse(line)));
      show();
    } catch {
      said.textContent = t("wrong_file");
    }
  };
  return make("div", {}, make("button", { textContent: t("load_return"), onclick: () => file.click() }), file, said);
}

async function seal(all) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode([study.pack, ...all].join("\n")));
  return [...new Uint8Array(digest)].map((one) => one.toString(16).padStart(2, "0")).join("");
}

async function saveReturn() {
  const given = { format: 1, experiment: study.experiment, pack: study.pack, lines, seal: await seal(lines) };
  const url = URL.createObjectURL(new Blob([JSON.stringify(given, null, 1)], { type: "application/json" }));
  make("a", { href: url, download: `return-${study.pack.slice(0, 8)}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/* One trial. */
async function read(number) {
  clear();
  const trial = study.trials[number];
  const { next, done } = standing();
  const pictures = await Promise.all(trial.images.map(image)).catch((problem) => void page.append(make("p", { className: "start warn", textContent: problem.message })));
  if (!pictures) return;
  const clock = watch();
  const side = make("aside");
  const several = pictures.length > 1;
  const stage = make("div", { className: "panes" });
  stage.style.gridTemplateColumns = `repeat(${Math.ceil(several && pictures.length > 3 ? Math.sqrt(pictures.length) : pictures.length)}, minmax(0, 1fr))`;
  const task = FORMS[study.task](done.get(number)?.value, (said) => warn.replaceChildren(said));
  page.append(make("div", { className: "read" }, stage, side));
  panes = pictures.map((picture, n) => {
    const canvas = make("canvas");
    stage.append(make("div", { className: "pane" }, canvas, make("output"), ...(several ? [make("span", { textContent: String.fromCharCode(65 + n) })] : [])));
    return new Pane(canvas, picture, (x, y) => task.click?.(n, x, y), study.actual_size);
  });
  panes.forEach((pane) => (pane.fellows = panes.filter((other) => other !== pane)));
  const warn = make("p", { className: "warn" });
  const go = (to) => {
    at = to === standing().next ? null : to;
    show();
  };
  const forward = () => {
    const value = task.value();
    if (!value) return warn.replaceChildren(t("answer_first"));
    const seconds = clock();
    sinceBreak += seconds;
    if (JSON.stringify(value) !== JSON.stringify(done.get(number)?.value)) keep({ kind: "answer", trial: number, value, seconds, at: now() });
    const open = standing();
    return go(number + 1 < study.trials.length && number + 1 < open.next ? number + 1 : open.next);
  };
  const may = study.back && number > 0 && study.trials[number - 1].session === study.trials[next]?.session;
  const [fit, actual] = [() => panes[0].show(1), () => panes[0].show(panes[0].actual())];
  const invert = () => panes.forEach((pane) => ((pane.view.inverted = !pane.view.inverted), pane.draw()));
  const words = [t("session", { n: trial.session + 1, of: study.trials.at(-1).session + 1 }), ...(trial.training ? [t("training")] : [])];
  side.append(make("h1", { textContent: t("case", { n: number + 1, of: study.trials.length }) }), make("progress", { max: study.trials.length, value: done.size }), make("p", { className: "soft", textContent: words.join(" · ") }), task.node, warn, make("div", { className: "pair" }, make("button", { textContent: t("back"), disabled: !may, onclick: () => go(number - 1) }), make("button", { className: "primary grow", onclick: forward }, t("next"), make("kbd", { textContent: "Enter" }))), make("div", { className: "grow" }), make("div", { className: "pair" }, ...[["fit", fit, "F"], ["actual", actual, "O"], ["invert", invert, "I"]].map(([name, act, letter]) => make("button", { className: "small", onclick: act }, t(name), make("kbd", { textContent: letter })))), make("p", { className: "soft", textContent: t("keys") }), make("button", { textContent: t("save_return"), onclick: saveReturn }));
  keys = { ...(may ? { Backspace: () => go(number - 1) } : {}), ...task.keys, Enter: forward, f: fit, o: actual, i: invert };
  task.shown?.();
}

/* Seconds since now in which the page was seen. */
function watch() {
  let total = 0, since = document.hidden ? null : performance.now();
  document.onvisibilitychange = () => {
    if (document.hidden && since !== null) total += performance.now() - since;
    since = document.hidden ? null : performance.now();
  };
  return () => Math.round((total + (since === null ? 0 : performance.now() - since)) / 10) / 100;
}

/* Buttons for the steps of a scale, or a slider from 0 to 100. */
function scale(label, first, onChange, row = false) {
  if (!study.steps.length) {
    const slider = make("input", { type: "range", min: 0, max: 100, step: 1, value: first ?? 50 });
    const shown = make("p", { textContent: first ?? "–" });
    slider.ariaLabel = t("rating");
    slider.oninput = slider.onpointerup = () => (shown.replaceChildren(slider.value), onChange(Number(slider.value)));
    return { node: make("div", {}, slider, shown), put: (value) => ((slider.value = value ?? 50), shown.replaceChildren(value ?? "–")), choose: () => undefined };
  }
  const steps = study.task === "pair" ? [...study.steps].reverse() : study.steps;
  const buttons = steps.map((step, n) => make("button", { onclick: () => choose(step) }, label(step), ...(row ? [] : [make("kbd", { textContent: key(steps, n) })])));
  const put = (value) => buttons.forEach((button, n) => (button.ariaPressed = String(steps[n] === value)));
  const choose = (step) => (put(step), onChange(step));
  put(first);
  return { node: make("div", { className: row ? "steps row" : "steps" }, ...buttons), put, choose, keys: Object.fromEntries(steps.map((step, n) => [key(steps, n), step])) };
}

const key = (steps, n) => (steps.length === 2 && steps[0] === 0 ? String(n) : String(n + 1));

function ratingWord(step) {
  return study.steps.length === 2 ? t(step ? "yes" : "no") : t(`rating_${step}`);
}

const FORMS = {
  rating(value, said) {
    let rating = value?.rating;
    const one = scale(ratingWord, rating, (step) => ((rating = step), said("")));
    return { node: make("div", {}, make("p", { textContent: t("rating") }), one.node), keys: doing(one), value: () => (rating === undefined ? null : { rating }) };
  },

  marks(value, said) {
    const marks = (value?.marks ?? []).map((one) => ({ ...one }));
    let chosen = -1;
    const title = make("p");
    const one = scale(ratingWord, undefined, (step) => marks[chosen] && ((marks[chosen].rating = step), show_()));
    const show_ = () => {
      said("");
      title.textContent = t(study.one_mark ? "one_mark" : "marks", { n: marks.length });
      one.put(marks[chosen]?.rating);
      remove.disabled = chosen < 0;
      panes.forEach((pane) => (Object.assign(pane, { marks, chosen }), pane.draw()));
    };
    const remove = make("button", { textContent: t("remove"), onclick: () => (marks.splice(chosen, 1), (chosen = -1), show_()) });
    const click = (_, x, y) => {
      const near = marks.findIndex((mark) => Math.hypot((mark.x - x) * panes[0].scale()[0], (mark.y - y) * panes[0].scale()[1]) < 12);
      if (near < 0 && study.one_mark) marks.length = 0;
      chosen = near < 0 ? marks.push({ x, y, rating: study.steps.length ? undefined : null }) - 1 : near;
      show_();
    };
    const complete = () => marks.every((mark) => typeof mark.rating === "number") && (!study.one_mark || marks.length === 1);
    return { node: make("div", {}, title, one.node, remove, ...(study.one_mark ? [] : [make("p", { className: "soft", textContent: t("no_marks") })])), keys: { ...doing(one), Delete: () => chosen >= 0 && remove.click() }, click, shown: show_, value: () => (complete() ? { marks } : null) };
  },

  grading(value, said) {
    const grades = [...(value?.grades ?? [])];
    let row = 0;
    const word = (step) => (study.steps.length === 2 ? t(`fulfilled_${step}`) : String(step));
    const rows = study.criteria.map((name, n) => ({ name, ...scale(word, grades[n], (step) => ((grades[n] = step), said(""), point(Math.min(n + 1, study.criteria.length - 1))), true) }));
    const titles = rows.map(({ name }) => make("p", { textContent: name }));
    const point = (to) => ((row = to), titles.forEach((title, n) => (title.className = n === row ? "" : "soft")));
    const node = make("div", { className: "steps" }, ...rows.flatMap((one, n) => [titles[n], one.node]));
    if (study.steps.length > 2) node.append(make("p", { className: "soft", textContent: [1, 2, 3, 4, 5].map((n) => t(`grade_${n}`)).join(" · ") }));
    point(0);
    return { node, keys: Object.fromEntries(Object.entries(rows[0].keys).map(([name, step]) => [name, () => rows[row].choose(step)])), value: () => (study.criteria.every((_, n) => grades[n] !== undefined) ? { grades } : null) };
  },

  pair(value, said) {
    let score = value?.score;
    const most = Math.max(...study.steps);
    const word = (step) => (step === 0 ? t("pair_same") : t(step > 0 ? "pair_left" : "pair_right", { n: most > 1 ? "+".repeat(Math.abs(step)) : "" }));
    const one = scale(word, score, (step) => ((score = step), said("")));
    return { node: make("div", {}, make("p", { textContent: t("pair") }), one.node), keys: doing(one), value: () => (score === undefined ? null : { score }) };
  },

  rank(value, said) {
    const order = [...(value?.order ?? [])];
    const title = make("p");
    const show_ = () => (title.replaceChildren(order.map((n, place) => `${place + 1}: ${String.fromCharCode(65 + n)}`).join("  ")), said(""));
    const again = make("button", { textContent: t("again"), onclick: () => ((order.length = 0), show_()) });
    return { node: make("div", {}, make("p", { textContent: t("rank") }), title, again), keys: { Backspace: () => (order.pop(), show_()) }, click: (n) => (order.includes(n) || order.push(n), show_()), shown: show_, value: () => (order.length === panes.length ? { order } : null) };
  },
};

function doing({ keys: digits = {}, choose }) {
  return Object.fromEntries(Object.entries(digits).map(([name, step]) => [name, () => choose(step)]));
}
