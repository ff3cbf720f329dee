// Keys for screening. Everything they do can be done without them: each presses what is on the page.
"use strict";

(() => {
  const pressed = { ArrowRight: "include", ArrowLeft: "exclude", m: "maybe", s: "skip" };
  const keys = document.getElementById("keys");
  const keysOn = document.getElementById("keys-on");
  const form = document.getElementById("vote");
  const kept = "evigraph-single-keys";
  const shownAt = performance.now();
  let isLeaving = false;

  const read = () => { try { return localStorage.getItem(kept); } catch { return null; } };
  const keep = (value) => { try { localStorage.setItem(kept, value); } catch { /* private window: for this page only */ } };

  if (keysOn) {
    keysOn.checked = read() !== "off";
    keysOn.addEventListener("change", () => keep(keysOn.checked ? "on" : "off"));
  }

  window.addEventListener("pageshow", () => { isLeaving = false; });

  // Two presses are one vote.
  for (const each of document.querySelectorAll("form[method=post]")) {
    each.addEventListener("submit", (event) => {
      if (isLeaving) event.preventDefault();
      isLeaving = true;
    });
  }
  if (form) {
    form.addEventListener("submit", () => {
      document.getElementById("milliseconds").value = String(Math.round(performance.now() - shownAt));
    });
  }

  const isTyping = (target) => target.isContentEditable
    || target.matches("textarea, select, input:not([type=checkbox]):not([type=hidden])");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
    if (!keysOn || !keysOn.checked || isLeaving) return;
    if (event.key === "?") {
      event.preventDefault();
      keys.open = !keys.open;
      if (keys.open) keys.querySelector("summary").focus();
      return;
    }
    if (event.key === "u") {
      const undo = document.getElementById("undo");
      if (undo) { event.preventDefault(); undo.requestSubmit(); }
      return;
    }
    if (event.key === "n" && form) { event.preventDefault(); form.elements.note.focus(); return; }
    const id = /^[1-9]$/.test(event.key) ? `reason-${event.key}` : pressed[event.key] || "";
    const target = document.getElementById(id);
    if (target) { event.preventDefault(); target.click(); }
  });
})();
