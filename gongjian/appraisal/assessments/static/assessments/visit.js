// Visits without network: the lists are kept on this phone, each score as soon as it is tapped, and a visit is handed in
// once. It keeps its key until the server has answered, so that handing in twice changes nothing.
(() => {
  "use strict";
  const root = document.getElementById("visit"), words = root.dataset;
  const part = (name) => document.querySelector(`[data-part="${name}"]`);
  const KEPT = "gongjian-visit-data", DRAFT = "gongjian-visit-draft-";
  let data = null, open = null, sending = false, problem = "", told = "";

  // --- the phone's own store ------------------------------------------------------------------------------------
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const keep = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return true;
    } catch {
      problem = words.wordFull;
      return false;
    }
  };
  const drafts = () => Object.keys(localStorage).filter((key) => key.startsWith(DRAFT)).map(read).filter(Boolean);
  const draftOf = (id) => read(DRAFT + id);
  const newKey = () => (crypto.randomUUID ? crypto.randomUUID()
    : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(""));
  // The phone's clock may be wrong: what it was off by when the lists were fetched is taken away.
  const today = () => {
    const now = new Date(Date.now() - ((data && data.skew) || 0));
    return new Date(now - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  };

  // --- small things ---------------------------------------------------------------------------------------------
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const itemsOf = (visit) => data.lists[visit.list].dimensions.flatMap((dimension) => dimension.items).filter((item) => !item.records);
  const scored = (visit) => Object.keys((draftOf(visit.id) || { marks: {} }).marks).length;

  // --- what is shown --------------------------------------------------------------------------------------------
  const draw = () => {
    part("net").textContent = navigator.onLine ? words.wordOnline : words.wordOffline;
    part("net").dataset.on = String(navigator.onLine);
    part("problem").hidden = !problem && !told;
    part("problem-text").textContent = problem || told;
    part("list").hidden = Boolean(open);
    part("one").hidden = !open;
    const visits = data ? data.visits : [];
    part("nothing").hidden = visits.length > 0;
    if (open) {
      part("count").textContent = say(words.wordScored, { done: scored(open), all: itemsOf(open).length });
      return;
    }
    part("rows").replaceChildren(...visits.map((visit) => {
      const row = make("li"), button = make("button", "as-visit"), draft = draftOf(visit.id);
      button.type = "button";
      button.dataset.visit = visit.id;
      button.append(make("strong", "", visit.subject), make("span", "gj-hint", [data.lists[visit.list].short, visit.org].filter(Boolean).join(" · ")));
      const state = visit.handed ? words.wordHanded : !draft ? words.wordNew : draft.done ? words.wordWaiting
        : say(words.wordScored, { done: Object.keys(draft.marks).length, all: itemsOf(visit).length });
      button.append(make("span", `as-visit-state${draft && draft.done ? " as-waits" : ""}${visit.handed ? " as-handed" : ""}`, state));
      row.append(button);
      return row;
    }));
  };
  const drawItem = (item, mark, own) => {
    const row = make("li");
    if (item.records) {
      row.append(make("h3", "", item.title), make("p", "gj-hint", words.wordRecords));
      return row;
    }
    const set = make("fieldset", "as-levels-pick"), legend = make("legend", "", `${item.title} `);
    legend.append(make("span", "gj-num as-points", item.points));
    set.append(legend);
    if (item.text) set.append(make("p", "gj-hint", item.text));
    for (const level of item.levels) {
      const label = make("label"), input = make("input");
      Object.assign(input, { type: "radio", name: item.id, value: level.points, checked: Boolean(mark) && mark.points === level.points });
      label.append(input, make("span", "gj-num", level.points), make("span", "", level.text));
      set.append(label);
    }
    if (own) set.append(make("p", "gj-hint", `${words.wordOwn} ${own.points} ${own.note}`));
    const note = make("input", "form-control");
    Object.assign(note, { name: `n_${item.id}`, placeholder: words.wordNote, maxLength: data.longest, value: mark ? mark.note : "" });
    note.setAttribute("aria-label", `${words.wordNote} ${item.title}`);
    set.append(note);
    row.append(set);
    return row;
  };
  const enter = (id) => {
    open = data.visits.find((visit) => visit.id === id);
    const list = data.lists[open.list], draft = draftOf(id) || { marks: {} };
    told = "";
    part("subject").textContent = open.subject;
    part("what").textContent = [list.title, open.org].filter(Boolean).join(" · ");
    part("parts").replaceChildren(...list.dimensions.map((dimension) => {
      const section = make("section", "card gj-card as-part"), body = make("div", "gj-card-body"), rows = make("ul", "as-items");
      rows.append(...dimension.items.map((item) => drawItem(item, draft.marks[item.id], open.own[item.id])));
      body.append(make("h2", "", dimension.title), rows);
      section.append(body);
      return section;
    }));
    part("day").value = draft.visited_on || today();
    part("day").min = open.opened_on;
    part("note").value = draft.note || "";
    draw();
    scrollTo(0, 0);
  };

  // --- scoring --------------------------------------------------------------------------------------------------
  const save = (done) => {
    const before = draftOf(open.id), marks = {};
    for (const item of itemsOf(open)) {
      const chosen = part("form").querySelector(`input[name="${item.id}"]:checked`);
      if (chosen) marks[item.id] = { points: Number(chosen.value), note: part("form").querySelector(`input[name="n_${item.id}"]`).value.trim() };
    }
    if (!before && !Object.keys(marks).length) return null;
    const seen = { marks, visited_on: part("day").value || today(), note: part("note").value.trim() };
    // Sent once without an answer, then changed: the server may hold the first under that key, so this is another visit.
    const changed = before && before.tried && JSON.stringify(before.seen) !== JSON.stringify(seen);
    const draft = {
      id: open.id, visitor: data.visitor, ...seen, seen, done,
      key: before && !changed ? before.key : newKey(), tried: Boolean(before && before.tried && !changed),
    };
    if (keep(DRAFT + open.id, draft) && problem === words.wordFull) problem = "";
    draw();
    return draft;
  };
  part("form").addEventListener("change", () => save(false));
  part("form").addEventListener("input", (event) => { if (event.target.type !== "radio") save(false); });
  part("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const draft = save(true);
    if (!draft || !Object.keys(draft.marks).length) {
      told = words.wordNone;
      draw();
      return;
    }
    open = null;
    draw();
    await send();
  });
  part("back").addEventListener("click", () => { open = null; draw(); });
  part("drop").addEventListener("click", () => {
    if (!window.confirm(words.wordDrop)) return;
    localStorage.removeItem(DRAFT + open.id);
    open = null;
    draw();
  });
  part("rows").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const visit = button && data.visits.find((one) => one.id === Number(button.dataset.visit));
    if (visit && !visit.handed) enter(visit.id);
  });

  // --- with network ---------------------------------------------------------------------------------------------
  // A log-in page instead of JSON, or a refusal in JSON, is an answer; no answer at all throws TypeError.
  const talk = async (address, options) => {
    const answer = await fetch(address, { cache: "no-store", credentials: "same-origin", ...options });
    if (!(answer.headers.get("Content-Type") || "").includes("json")) throw Object.assign(new Error(answer.redirected || answer.status === 401 ? words.wordLogin : words.wordFault), { told: true });
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.title || words.wordFault), { told: true });
    return body;
  };
  const renew = async () => {
    const fresh = await talk(words.data, {});
    const others = drafts().filter((draft) => draft.visitor !== fresh.visitor);
    // What was begun on this phone stays on the list until it is handed in or thrown away, even if it went on elsewhere.
    const known = data ? data.visits.filter((visit) => {
      const draft = draftOf(visit.id);
      return draft && draft.visitor === fresh.visitor && !fresh.visits.some((one) => one.id === visit.id);
    }) : [];
    const lists = { ...fresh.lists };
    for (const visit of known) lists[visit.list] = data.lists[visit.list];
    data = { ...fresh, skew: Date.now() - fresh.now_ms, lists, visits: [...fresh.visits, ...known] };
    keep(KEPT, data);
    problem = others.length ? words.wordOther : "";
  };
  const send = async () => {
    if (sending || !navigator.onLine) return;
    sending = true;
    try {
      await renew();
      for (const draft of drafts().filter((one) => one.done && one.visitor === data.visitor)) {
        keep(DRAFT + draft.id, { ...draft, tried: true });
        const answer = await talk(words.handIn, {
          method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": data.csrf }, body: JSON.stringify(draft),
        });
        localStorage.removeItem(DRAFT + draft.id);
        const visit = data.visits.find((one) => one.id === draft.id);
        if (visit) visit.handed = true;
        keep(KEPT, data);
        if (answer.conflicts.length) told = say(words.wordConflict, { items: answer.conflicts.join("、") });
      }
    } catch (error) {
      problem = error.told ? error.message : navigator.onLine ? words.wordFault : "";
    } finally {
      sending = false;
      draw();
    }
  };
  window.addEventListener("online", send);
  window.addEventListener("offline", draw);
  window.addEventListener("storage", draw);
  setInterval(() => { if (navigator.onLine && drafts().some((draft) => draft.done)) send(); }, 15000);

  // --- beginning ------------------------------------------------------------------------------------------------
  const install = async () => {
    if (!("serviceWorker" in navigator)) throw new Error();
    await navigator.serviceWorker.register(words.worker);
    await navigator.serviceWorker.ready;
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
  };
  const begin = async () => {
    data = read(KEPT);
    draw();
    await send();
    try {
      await install();
      if (data) {
        part("ready").hidden = false;
        part("ready-text").textContent = words.wordReady;
      }
    } catch {
      if (navigator.onLine) problem = problem || words.wordNoWorker;
    }
    draw();
  };
  begin();
})();
