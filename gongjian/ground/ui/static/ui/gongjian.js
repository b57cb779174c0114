// 共建: what a page does when JavaScript is there. Everything below has a way without it.
(() => {
  "use strict";
  const words = document.documentElement.lang.startsWith("en")
    ? { busy: "Working…", copied: "Copied", offline: "The network is down. Please try again in a moment.",
        denied: "You have no right to do this.", gone: "This is no longer here.", fault: "That did not work. Please try again." }
    : { busy: "正在处理…", copied: "已复制", offline: "网络不通，请稍后再试。",
        denied: "您没有权限这样做。", gone: "内容已不存在。", fault: "没有成功，请再试一次。" };

  // --- toasts -----------------------------------------------------------------------------------------------
  const toast = (text, tone = "info") => {
    let box = document.querySelector(".gj-toasts");
    if (!box) {
      box = document.createElement("div");
      box.className = "gj-toasts";
      box.setAttribute("role", tone === "bad" ? "alert" : "status");
      document.body.append(box);
    }
    const note = document.createElement("div");
    note.className = `gj-alert gj-${tone}`;
    note.textContent = text;
    box.append(note);
    setTimeout(() => note.remove(), 6000);
  };

  // --- a form is sent once ----------------------------------------------------------------------------------
  const sent = new Set();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
    // After this turn, so that the pressed button's name and value still travel with the form.
    setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => {
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
    }));
  });
  window.addEventListener("pageshow", () => {
    sent.forEach((form) => form.querySelectorAll("button[aria-busy]").forEach((button) => {
      button.removeAttribute("aria-busy");
      button.disabled = false;
    }));
    sent.clear();
  });

  // --- questions before a deed: the unfolding panel becomes a dialog ------------------------------------------
  const dialogFor = (details) => {
    const dialog = document.createElement("dialog");
    dialog.className = "gj-dialog";
    const panel = details.querySelector(".gj-confirm-panel");
    dialog.setAttribute("aria-label", panel.querySelector(".gj-confirm-title").textContent);
    dialog.append(panel);
    details.after(dialog);
    panel.querySelector("[data-close]").hidden = false;
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
    });
    return dialog;
  };
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("[data-confirm] > summary");
    if (summary && window.HTMLDialogElement) {
      event.preventDefault();
      const details = summary.parentElement;
      if (!details.dialog) details.dialog = dialogFor(details);
      details.dialog.showModal();
      return;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const source = document.querySelector(copy.dataset.copy);
      const text = source ? source.value ?? source.textContent.trim() : copy.dataset.copy;
      const done = () => toast(words.copied, "good");
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => toast(words.fault, "bad"));
      else if (source && source.select) {
        source.select(); // plain http inside an office network: only the old way works
        if (document.execCommand("copy")) done();
      }
    }
    if (event.target.closest("[data-print]")) window.print();
    document.querySelectorAll("details.gj-pop[open]").forEach((pop) => {
      if (!pop.contains(event.target)) pop.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.gj-pop[open], details.gj-confirm[open]").forEach((open) => {
      open.open = false;
      open.querySelector("summary").focus();
    });
    if (location.hash === "#menu") location.hash = "#content";
  });

  // --- selects and fields that send their form at once (data-autosubmit) ---------------------------------------
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // --- elder version: at once, then remembered by the server --------------------------------------------------
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-elder]")) document.documentElement.classList.toggle("gj-elder");
  });

  // --- htmx: search fields, CSRF, failures --------------------------------------------------------------------
  const token = () => (document.querySelector("[name=csrfmiddlewaretoken]") || {}).value;
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.matches("[data-search-select]")) event.detail.parameters.q = event.target.value;
    if (event.detail.verb !== "get" && token()) event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(status === 403 ? words.denied : status === 404 ? words.gone : words.fault, "bad");
  });
  document.addEventListener("htmx:sendError", () => toast(words.offline, "bad"));

  // --- countdown: <… data-countdown="30"> counts its [data-seconds] down and asks htmx for "refresh" at zero -----
  const tick = () => document.querySelectorAll("[data-countdown]").forEach((box) => {
    const end = box.end ?? (box.end = Date.now() + 1000 * Number(box.dataset.countdown));
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const shown = box.querySelector("[data-seconds]");
    if (shown) shown.textContent = left;
    if (left === 0 && !box.asked) {
      box.asked = true;
      if (window.htmx && box.hasAttribute("hx-get")) window.htmx.trigger(box, "refresh");
      else location.reload();
    }
  });
  if (document.querySelector("[data-countdown]")) {
    tick();
    setInterval(tick, 1000);
  }
  document.addEventListener("htmx:afterSwap", tick);

  // --- the first mistake is where reading goes on ---------------------------------------------------------------
  const errors = document.querySelector(".gj-errors:not(.gj-sample *)");
  if (errors) errors.focus();
})();
