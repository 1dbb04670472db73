// Draws the stage: what is there, and what happens. Each thing that is shown comes with the whole
// state after it, so a picture is never pieced together: an event is played, then the state drawn.
"use strict";

const FLIGHT = 650; // milliseconds that a frame flies
const TYPING = 1_800; // milliseconds that new code takes, however long it is
const PAUSE = 120; // milliseconds between two events
const STILL_AFTER = 700; // milliseconds without an answer after which a heart is seen to stand still
const SHORT = 60; // characters of a frame that fly

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Make an element with a class, a text, and children. */
function make(kind, name, text = "", ...children) {
  const element = document.createElement(kind);
  if (name) element.className = name;
  element.textContent = text;
  element.append(...children);
  return element;
}

class Stage {
  constructor(board) {
    this.board = board;
    this.words = board.dataset;
    this.waiting = [];
    this.isPlaying = false;
    this.hearts = new Map(); // by client: when it last asked without an answer, or null
    addEventListener("resize", () => this.wire());
    setInterval(() => this.feelHearts(), 100);
  }

  /** Show one thing after the other, each in its time. */
  async show(shown) {
    if (shown.event?.kind === "pulse") return this.pulse(shown.event);
    this.waiting.push(shown);
    if (this.isPlaying) return;
    this.isPlaying = true;
    try {
      while (this.waiting.length) {
        const next = this.waiting.shift();
        if (this.hasTimeFor(next)) {
          this.head(next);
          await this.play(next.event, next);
        } else {
          this.draw(next);
        }
      }
    } finally {
      this.isPlaying = false;
    }
  }

  /** Return whether to play it: there are no others of a later step already. */
  hasTimeFor({ event, position }) {
    const newest = this.waiting.at(-1)?.position ?? position;
    return event !== null && newest === position && !calm.matches && !document.hidden;
  }

  /** Show nothing of what waits to be shown. */
  forget() {
    this.waiting.length = 0;
  }

  // ---- What happens.

  async play(event, shown) {
    switch (event.kind) {
      case "moment":
        return this.playMoment(event, shown);
      case "filled":
        this.draw(shown);
        return this.type(event);
      case "server_down":
        this.draw(shown);
        return this.flash(this.pane("server", event.server), "struck");
      case "printed":
        this.draw(shown);
        return this.flash(this.pane("server", event.server), "spoke");
      case "asks":
        this.draw(shown);
        return this.fly({ what: "http", frame: event.path }, "client", event.who, "server", event.server);
      default:
        this.draw(shown);
        return pause(PAUSE);
    }
  }

  async playMoment(event, shown) {
    const leaves = ["sends", "connects", "closes"].includes(event.what);
    if (leaves) {
      this.draw(shown); // whoever sends it is there already
      await this.fly(event, "client", event.who, "server", event.server);
    } else if (["receives", "refused", "closed", "http"].includes(event.what)) {
      await this.fly(event, "server", event.server, "client", event.who);
      this.draw(shown);
    } else {
      this.draw(shown);
    }
    await pause(PAUSE);
  }

  async fly(event, fromKind, fromName, toKind, toName) {
    const [from, to] = [this.pane(fromKind, fromName), this.pane(toKind, toName)];
    if (!from || !to) return;
    const text = event.frame.length > SHORT ? `${event.frame.slice(0, SHORT)}…` : event.frame;
    const chip = make("div", `chip ${event.what}`, text);
    document.body.append(chip);
    const [a, b] = [centre(from), centre(to)];
    const place = ({ x, y }) => `translate(-50%, -50%) translate(${x}px, ${y}px)`;
    await chip.animate([{ transform: place(a) }, { transform: place(b) }], {
      duration: FLIGHT,
      easing: "ease-in-out",
    }).finished;
    chip.remove();
  }

  async flash(pane, name) {
    pane?.classList.add(name);
    await pause(FLIGHT);
    pane?.classList.remove(name);
  }

  /** Let the new lines of code appear letter by letter. */
  async type(event) {
    const lines = [...document.querySelectorAll(`[data-code="${event.name}"] .new code`)];
    const texts = lines.map((line) => line.textContent);
    const whole = texts.join("").length;
    if (!whole) return;
    for (const line of lines) line.textContent = "\u200b";
    const begin = performance.now();
    for (let typed = 0; typed < whole; ) {
      await new Promise(requestAnimationFrame);
      typed = Math.ceil((whole * (performance.now() - begin)) / TYPING);
      let left = typed;
      lines.forEach((line, index) => {
        line.textContent = texts[index].slice(0, Math.max(0, left)) || "\u200b";
        left -= texts[index].length;
      });
    }
  }

  // ---- Hearts.

  pulse({ who, is_now: isNow }) {
    this.hearts.set(who, isNow === "waits" ? (this.hearts.get(who) ?? performance.now()) : null);
    const heart = document.querySelector(`[data-client="${who}"] .heart`);
    if (heart && isNow === "beats" && !calm.matches) {
      heart.animate([{ transform: "scale(1.35)" }, { transform: "scale(1)" }], 220);
    }
    this.feelHearts();
  }

  feelHearts() {
    for (const [who, since] of this.hearts) {
      const still = since !== null && performance.now() - since > STILL_AFTER;
      document.querySelector(`[data-client="${who}"]`)?.classList.toggle("still", still);
    }
  }

  // ---- What is there.

  draw(shown) {
    this.head(shown);
    this.fill("clients", shown.clients.map((client) => this.client(client)));
    this.fill("servers", shown.servers.map((server) => this.server(server)));
    this.fill("beside", [
      ...(shown.redis === null ? [] : [this.redis(shown.redis)]),
      ...shown.services.map((service) => this.service(service)),
    ]);
    this.fill("code", shown.code.map((code) => this.code(code)));
    document.body.classList.toggle("with-code", shown.code.length > 0);
    this.links = shown.clients.map(({ name, server, connected }) => [name, server, connected]);
    for (const { name, heart } of shown.clients) {
      if (heart === "waits" && !this.hearts.has(name)) this.hearts.set(name, performance.now());
    }
    this.feelHearts();
    this.wire();
  }

  head(shown) {
    this.place("number").textContent = shown.number;
    this.place("demo").textContent = shown.demo;
    this.place("step").textContent = shown.step || this.words.begins;
    const dots = Array.from({ length: shown.steps }, (_, index) =>
      make("i", index < shown.position ? "done" : ""),
    );
    this.place("progress").replaceChildren(...dots);
    this.place("progress").setAttribute("aria-label", `${shown.position} / ${shown.steps}`);
  }

  client({ name, connected, moments, heart, asks, number, label }) {
    const pane = make("article", `pane client ${connected}`);
    pane.dataset.client = name;
    const title = make("h2", "", name);
    if (heart) title.prepend(make("span", "heart", "♥"));
    const state = make("p", "state", connected ? this.words[connected] : "");
    const log = make("ol", "moments", "", ...moments.map((moment) => this.moment(moment)));
    if (asks) log.append(this.moment({ what: "waits", arrow: "…", frame: asks }));
    pane.append(title, state);
    if (label) pane.append(make("p", "number", "", make("span", "", `${label} `), make("b", "", number)));
    pane.append(log);
    return pane;
  }

  moment({ what, arrow, frame }) {
    return make("li", what, "", make("b", "", arrow), make("code", "", frame));
  }

  server({ name, program, address, up, lines }) {
    const pane = make("article", `pane server ${up ? "up" : "down"}`);
    pane.dataset.server = name;
    const state = up ? `${program} · ${address.replace("http://", "")}` : this.words.down;
    pane.append(make("h2", "", name), make("p", "state", state));
    if (lines.length) pane.append(make("pre", "log", lines.slice(-2).join("\n")));
    return pane;
  }

  redis(up) {
    const pane = make("article", `pane redis ${up ? "up" : "down"}`);
    pane.append(make("h2", "", "Redis"));
    pane.append(make("p", "state", up ? this.words.redisUp : this.words.redisDown));
    return pane;
  }

  service({ name, waiting }) {
    const pane = make("article", `pane service ${waiting ? "holds" : ""}`);
    pane.append(make("h2", "", name), make("p", "state", `${this.words.waiting} ${waiting}`));
    return pane;
  }

  code({ name, path, lines }) {
    const rows = lines.map(({ text, new: isNew }) =>
      make("li", isNew ? "new" : "", "", make("code", "", text || "\u200b")),
    );
    const figure = make("figure", "", "", make("figcaption", "", path), make("ol", "", "", ...rows));
    figure.dataset.code = name;
    // Code is never wrapped or cut: it is made so small that it fits.
    const longest = Math.max(...lines.map(({ text }) => text.length), 40);
    figure.style.setProperty("--columns", longest);
    figure.style.setProperty("--rows", lines.length);
    return figure;
  }

  /** Draw a line from each client to its server. */
  wire() {
    const svg = this.board.querySelector(".wires");
    const { left, top } = this.board.getBoundingClientRect();
    const lines = (this.links ?? []).flatMap(([client, server, connected]) => {
      const [from, to] = [this.pane("client", client), this.pane("server", server)];
      if (!from || !to) return [];
      const [a, b] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
      const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
      line.setAttribute("class", connected);
      line.setAttribute("x1", a.left + a.width / 2 - left);
      line.setAttribute("y1", a.bottom - top);
      line.setAttribute("x2", b.left + b.width / 2 - left);
      line.setAttribute("y2", b.top - top);
      return [line];
    });
    svg.replaceChildren(...lines);
  }

  place(name) {
    return document.querySelector(`[data-show="${name}"]`);
  }

  fill(name, panes) {
    this.place(name).replaceChildren(...panes);
  }

  pane(kind, name) {
    return document.querySelector(`[data-${kind}="${CSS.escape(name)}"]`);
  }
}

function centre(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
