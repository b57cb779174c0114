// Check-in without network: taps are kept on this device and handed in when there is a network. Nothing is sent twice
// with another meaning: a tap keeps its number until the server has answered for it.
(() => {
  "use strict";
  const root = document.getElementById("hall");
  const words = root.dataset;
  const store = window.hallStore;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const BATCH = 500;
  let meeting, taps = [], present = new Set(), sending = false, problem = "";

  // --- small things ---------------------------------------------------------------------------------------------
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const post = async (address, body) => {
    const answer = await fetch(address, {
      method: "POST", credentials: "omit", cache: "no-store", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    let told = {};
    try { told = await answer.json(); } catch { /* an answer of something in between */ }
    if (!answer.ok) throw Object.assign(new Error(told.title || words.wordFault), { told: true, status: answer.status });
    return told;
  };
  const clockOf = (milliseconds) => new Date(milliseconds - (meeting.skew_ms || 0)).toLocaleTimeString("zh-CN", {
    hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai",
  });

  // Who is here by this device: the last tap of each name decides.
  const here = () => {
    const found = new Map();
    for (const tap of taps) {
      const key = tap.person || `?${tap.name}`;
      if (tap.deed === "out") found.delete(key);
      else if (!found.has(key)) found.set(key, tap);
    }
    return found;
  };
  const unsent = () => taps.filter((tap) => !tap.answer || tap.answer === "clash");

  // --- what is shown --------------------------------------------------------------------------------------------
  const text = (element, value) => { if (element.textContent !== value) element.textContent = value; };
  const show = (name, visible) => { part(name).hidden = !visible; };
  const makeRow = (person, mine) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const known = present.has(person.id);
    button.type = "button";
    button.className = "hall-person";
    button.dataset.person = person.id;
    button.setAttribute("aria-pressed", String(Boolean(mine || known)));
    const name = document.createElement("span");
    name.className = "hall-name";
    name.textContent = person.name;
    const state = document.createElement("span");
    state.className = "hall-state";
    state.textContent = mine ? `${words.wordHere} ${clockOf(mine.at)}` : known ? words.wordElsewhere : person.hint || "";
    button.append(name, state);
    item.append(button);
    return item;
  };
  const strangerRow = (tap) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "hall-person";
    button.dataset.stranger = tap.name;
    button.setAttribute("aria-pressed", "true");
    const name = document.createElement("span");
    name.className = "hall-name";
    name.textContent = tap.name;
    const state = document.createElement("span");
    state.className = "hall-state";
    state.textContent = `${words.wordStranger} ${clockOf(tap.at)}`;
    button.append(name, state);
    item.append(button);
    return item;
  };
  const matches = (person, asked) => !asked || person.name.toLowerCase().includes(asked)
    || person.pinyin.startsWith(asked) || person.initials.startsWith(asked);
  const draw = () => {
    show("nothing", !meeting);
    show("meeting", Boolean(meeting));
    show("problem", Boolean(problem));
    text(part("problem-text"), problem);
    if (!meeting) return;
    const found = here(), left = unsent().length;
    text(part("title"), meeting.title);
    text(part("subtitle"), `${meeting.org} · ${meeting.when}`);
    const all = new Set([...present, ...[...found.values()].filter((tap) => tap.person).map((tap) => tap.person)]);
    text(part("number"), String(all.size));
    text(part("of"), ` / ${meeting.people.length}`);
    text(part("net"), navigator.onLine ? words.wordOnline : words.wordOffline);
    part("net").dataset.on = String(navigator.onLine);
    text(part("unsent"), left ? say(words.wordUnsent, { number: left }) : words.wordAllSent);
    part("send").disabled = sending || !left;
    show("skew", Math.abs(meeting.skew_ms) > meeting.tolerance_seconds * 1000);
    const minutes = Math.round(Math.abs(meeting.skew_ms) / 60000);
    text(part("skew-text"), say(meeting.skew_ms > 0 ? words.wordFast : words.wordSlow, { minutes }));
    const asked = part("search").value.trim().toLowerCase().replace(/\s+/g, "");
    const only = part("only").checked;
    const list = part("list");
    const rows = meeting.people.filter((person) => matches(person, asked) && !(only && (found.has(person.id) || present.has(person.id))));
    list.replaceChildren(...rows.map((person) => makeRow(person, found.get(person.id))));
    const strangers = [...found.values()].filter((tap) => !tap.person && (!asked || tap.name.toLowerCase().includes(asked)));
    list.append(...strangers.map(strangerRow));
    const exact = meeting.people.some((person) => person.name === part("search").value.trim());
    show("none", !rows.length && !strangers.length);
    const name = part("search").value.trim();
    show("add", name.length >= 2 && !exact && /[^\x00-\x7f]/.test(name) && !strangers.some((tap) => tap.name === name));
    text(part("add-name"), say(words.wordAdd, { name }));
  };

  // --- taps -----------------------------------------------------------------------------------------------------
  const tap = async (who, deed) => {
    const kept = await store.addTap(meeting.device, { ...who, deed, at: Date.now() }, meeting.next_number);
    taps.push(kept);
    draw();
    if (navigator.onLine) soon();
  };
  let planned = 0;
  const soon = () => {
    clearTimeout(planned);
    planned = setTimeout(() => { send(); }, 1500);
  };
  part("list").addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const stranger = button.dataset.stranger;
    const person = stranger === undefined ? meeting.people.find((one) => one.id === Number(button.dataset.person)) : null;
    const mine = here().get(person ? person.id : `?${stranger}`);
    if (mine && !window.confirm(say(words.wordUndo, { name: mine.name }))) return;
    if (!mine && person && present.has(person.id)) return;
    await tap(person ? { person: person.id, name: person.name } : { person: null, name: stranger }, mine ? "out" : "in");
    part("search").value = "";
    draw();
  });
  part("add").addEventListener("click", async () => {
    const name = part("search").value.trim().slice(0, 60);
    part("search").value = "";
    await tap({ person: null, name }, "in");
  });
  part("search").addEventListener("input", draw);
  part("only").addEventListener("change", draw);

  // --- handing in -----------------------------------------------------------------------------------------------
  const renumber = async (clashing) => {
    for (const old of clashing) {
      const kept = await store.addTap(meeting.device, { person: old.person, name: old.name, deed: old.deed, at: old.at }, meeting.next_number);
      await store.dropTap(meeting.device, old.number);
      taps = taps.filter((one) => one !== old).concat(kept);
    }
  };
  const send = async () => {
    if (sending || !meeting) return;
    sending = true;
    draw();
    try {
      for (let left = unsent(); left.length; left = unsent()) {
        const part500 = left.slice(0, BATCH);
        const told = await post(words.batch, {
          token: meeting.token, clock_ms: Date.now(),
          rows: part500.map((one) => ({ number: one.number, person: one.person, name: one.name, deed: one.deed, at_ms: one.at })),
        });
        await store.answer(meeting.device, told.rows);
        for (const one of part500) one.answer = told.rows[one.number] || "";
        await renumber(part500.filter((one) => one.answer === "clash"));
        present = new Set(told.present);
        if (part500.some((one) => !one.answer)) break;
      }
      problem = "";
    } catch (error) {
      problem = error.told ? error.message : words.wordNoNetwork;
    } finally {
      sending = false;
      draw();
    }
  };
  const ask = async () => {
    if (!meeting || sending || !navigator.onLine) return;
    try {
      const told = await post(words.batch, { token: meeting.token, clock_ms: Date.now(), rows: [] });
      present = new Set(told.present);
      problem = "";
    } catch (error) {
      problem = error.told ? error.message : "";
    }
    draw();
  };
  part("send").addEventListener("click", send);
  window.addEventListener("online", send);
  window.addEventListener("offline", draw);
  setInterval(() => { if (navigator.onLine && unsent().length) send(); }, 15000);
  part("forget").addEventListener("click", async () => {
    const left = unsent().length;
    if (!window.confirm(left ? say(words.wordForgetUnsent, { number: left }) : words.wordForget)) return;
    await store.forget(meeting.device);
    meeting = null;
    taps = [];
    problem = "";
    draw();
  });

  // --- beginning ------------------------------------------------------------------------------------------------
  const join = async (secret) => {
    const began = Date.now();
    const told = await post(words.join, { secret, clock_ms: began });
    const before = (await store.meetings()).find((one) => one.device === told.device);
    meeting = { ...told, next_number: Math.max(told.next_number, (before && before.next_number) || 1) };
    await store.keepMeeting(meeting);
    history.replaceState(null, "", location.pathname);
  };
  const install = async () => {
    if (!("serviceWorker" in navigator)) {
      problem = words.wordNoWorker;
      return;
    }
    await navigator.serviceWorker.register(words.worker);
    await navigator.serviceWorker.ready;
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
    show("ready", true);
  };
  const begin = async () => {
    const known = await store.meetings();
    const secret = location.hash.slice(1);
    if (secret) {
      try {
        await join(secret);
      } catch (error) {
        problem = error.told ? error.message : words.wordNoNetwork;
      }
    }
    if (!meeting && known.length) meeting = known.sort((a, b) => b.joined_ms - a.joined_ms)[0];
    if (meeting) taps = await store.taps(meeting.device);
    draw();
    try {
      await install();
    } catch {
      if (navigator.onLine) problem = words.wordNoWorker;
    }
    draw();
    if (navigator.onLine) await (unsent().length ? send() : ask());
  };
  window.addEventListener("hashchange", begin);
  begin();
})();
