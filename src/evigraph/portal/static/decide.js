// Keys for the page of a pair. Everything they do can be done without them: each presses what is on the page.
"use strict";

(() => {
  const pressed = { s: "same", d: "different", k: "skip", j: "back" };
  const keys = document.getElementById("keys");
  const keysOn = document.getElementById("keys-on");
  const kept = "evigraph-single-keys";
  let isLeaving = false;

  const read = () => { try { return localStorage.getItem(kept); } catch { return null; } };
  const keep = (value) => { try { localStorage.setItem(kept, value); } catch { /* private window: for this page only */ } };

  keysOn.checked = read() !== "off";
  keysOn.addEventListener("change", () => keep(keysOn.checked ? "on" : "off"));

  // A page that comes back from the browser's memory may be left again.
  window.addEventListener("pageshow", () => { isLeaving = false; });

  // Two clicks are one decision.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (isLeaving) event.preventDefault();
      isLeaving = true;
    });
  }

  const isTyping = (target) => target.isContentEditable
    || target.matches("textarea, select, input:not([type=checkbox]):not([type=hidden])");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (event.key === "?" && keysOn.checked) {
      event.preventDefault();
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
      return;
    }
    if (!keysOn.checked || isLeaving) return;
    if (event.key === "u") {
      const form = document.getElementById("undo");
      if (form) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    const target = document.getElementById(pressed[event.key] || "");
    if (target) { event.preventDefault(); target.click(); }
  });
})();
