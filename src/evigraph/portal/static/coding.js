// Reading and coding by keys and mouse. What is chosen is the browser's own selection; the page's forms say it.
"use strict";

(() => {
  // A PDF that is being read: look again.
  if (document.getElementById("being-read")) {
    setTimeout(() => location.reload(), 1500);
    return;
  }
  const text = () => document.getElementById("coded-text");
  if (!text()) return;

  const main = document.querySelector("main");
  const kept = "evigraph-single-keys";
  const usedLast = "evigraph-code-used-last";
  const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  let isSending = false;
  // What was chosen last: typing in a field takes the selection away, the choice stands.
  let chosen = null;

  // -- what is chosen ------------------------------------------------------------------------------------------------

  // Places count in code points, as the canonical text does; the browser counts in UTF-16 units.
  const points = (words) => { let n = 0; for (const _ of words) n += 1; return n; };
  const blocks = () => [...text().querySelectorAll("[data-start]")];
  const blockOf = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest("#coded-text [data-start]");

  const before = (block, node, at) => {
    const range = document.createRange();
    range.selectNodeContents(block);
    range.setEnd(node, at);
    return range.toString();
  };

  const read = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(text())) return null;
    const held = blocks().filter((block) => range.intersectsNode(block));
    if (!held.length) return null;
    const first = blockOf(range.startContainer) || held[0];
    let last = blockOf(range.endContainer) || held[held.length - 1];
    let ending = blockOf(range.endContainer) ? before(last, range.endContainer, range.endOffset) : last.textContent;
    // Three clicks choose up to the beginning of the next paragraph.
    if (!ending && last !== first) { last = held[Math.max(0, held.indexOf(last) - 1)]; ending = last.textContent; }
    const beginning = blockOf(range.startContainer) ? before(first, range.startContainer, range.startOffset) : "";
    const start = Number(first.dataset.start) + points(beginning);
    const end = Number(last.dataset.start) + points(ending);
    if (end <= start) return null;
    const words = held.slice(held.indexOf(first), held.indexOf(last) + 1).map((block) => {
      const from = block === first ? beginning.length : 0;
      const to = block === last ? ending.length : undefined;
      return block.textContent.slice(from, to);
    });
    return { start, end, exact: words.join("\n").trim(), first, last, from: beginning.length, to: ending.length };
  };

  const show = () => {
    const shown = document.getElementById("chosen");
    if (!shown) return;
    shown.hidden = !chosen;
    shown.textContent = chosen ? chosen.exact : "";
    for (const form of [document.getElementById("passage"), document.getElementById("new-code")]) {
      for (const name of ["start", "end", "exact"]) form.elements[name].value = chosen ? chosen[name] : "";
    }
  };

  let waits = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(waits);
    waits = setTimeout(() => {
      const now = read();
      if (now) { chosen = now; show(); }
      else if (document.activeElement === document.body || main.contains(getSelection().anchorNode) && blockOf(getSelection().anchorNode)) { chosen = null; show(); }
    }, 60);
  });

  // Pressed on chosen words, the mouse would drag them about; here it chooses anew.
  document.addEventListener("mousedown", (event) => {
    const isInText = event.target.closest("#coded-text .words") && !event.target.closest("a, button");
    if (isInText && event.button === 0 && event.detail === 1 && !event.shiftKey) getSelection().removeAllRanges();
  });

  const nodeAt = (block, at) => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let node = walker.nextNode();
    let last = node;
    while (node && at > node.data.length) { at -= node.data.length; last = node; node = walker.nextNode(); }
    return node ? [node, at] : [last, last.data.length];
  };

  const choose = (first, from, last, to) => {
    const range = document.createRange();
    range.setStart(...nodeAt(first, from));
    range.setEnd(...nodeAt(last, to));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    chosen = read();
    show();
    (last.closest(".line") || last).scrollIntoView({ block: "nearest" });
  };

  // On the picture of a page the mouse chooses by the nearest line: beside a line, browsers lose what was chosen in SVG.
  const placeAt = (x, y) => {
    let best = null;
    for (const line of blocks()) {
      const box = line.getBoundingClientRect();
      const away = 4 * Math.max(0, box.top - y, y - box.bottom) + Math.max(0, box.left - x, x - box.right);
      if (!best || away < best.away) best = { line, box, away };
    }
    if (!best) return null;
    const { line, box } = best;
    const length = line.textContent.length;
    if (x <= box.left) return [line, 0];
    if (x >= box.right) return [line, length];
    const point = new DOMPoint(x, (box.top + box.bottom) / 2).matrixTransform(line.getScreenCTM().inverse());
    const sign = line.getCharNumAtPosition(point);
    if (sign < 0) return [line, length];
    const extent = line.getExtentOfChar(sign);
    return [line, sign + (point.x > extent.x + extent.width / 2 ? 1 : 0)];
  };

  let base = null;
  document.addEventListener("mousedown", (event) => {
    if (event.button !== 0 || !event.target.closest("svg.sheet")) return;
    event.preventDefault();
    if (document.activeElement !== document.body) document.activeElement.blur();
    base = placeAt(event.clientX, event.clientY);
    if (base && event.detail === 2) choose(base[0], 0, base[0], base[0].textContent.length);
    else { getSelection().removeAllRanges(); chosen = null; show(); }
  });
  document.addEventListener("mousemove", (event) => {
    const now = base && event.buttons === 1 ? placeAt(event.clientX, event.clientY) : null;
    if (!now || (now[0] === base[0] && now[1] === base[1])) return;
    const all = blocks();
    const isAfter = now[0] === base[0] ? now[1] > base[1] : all.indexOf(now[0]) > all.indexOf(base[0]);
    const [first, last] = isAfter ? [base, now] : [now, base];
    choose(first[0], first[1], last[0], last[1]);
  });
  document.addEventListener("mouseup", () => { base = null; });

  // -- sentences and lines -------------------------------------------------------------------------------------------

  const segmenter = "Segmenter" in Intl ? new Intl.Segmenter("en", { granularity: "sentence" }) : null;
  const unitsOf = (block) => {
    const words = block.textContent;
    const isWhole = !segmenter || !block.closest(".is-paragraph");
    const parts = isWhole ? [{ index: 0, segment: words }] : [...segmenter.segment(words)];
    return parts
      .map(({ index, segment }) => [index, index + segment.trimEnd().length])
      .filter(([from, to]) => to > from);
  };

  // The unit `by` steps after the one that holds a place; where nothing is chosen, the first that can be seen.
  const step = (block, at, by) => {
    const all = blocks();
    let place = all.indexOf(block);
    let units = unitsOf(block);
    let unit = units.findIndex(([, to]) => at <= to);
    if (unit < 0) unit = units.length - 1;
    unit += by;
    while (unit < 0 || unit >= units.length) {
      place += by;
      if (place < 0 || place >= all.length) return null;
      units = unitsOf(all[place]);
      unit = by > 0 ? 0 : units.length - 1;
    }
    return { block: all[place], from: units[unit][0], to: units[unit][1] };
  };

  const move = (by) => {
    if (!chosen || !chosen.first.isConnected) {
      const block = blocks().find((one) => one.getBoundingClientRect().bottom > 0 && unitsOf(one).length);
      if (block) { const [from, to] = unitsOf(block)[0]; choose(block, from, block, to); }
      return;
    }
    const next = by > 0 ? step(chosen.last, chosen.to, 1) : step(chosen.first, chosen.from + 1, -1);
    if (next) choose(next.block, next.from, next.block, next.to);
  };

  const extend = (by) => {
    if (!chosen || !chosen.first.isConnected) { move(by); return; }
    const next = step(chosen.last, chosen.to, by);
    const isAfter = next && (next.block !== chosen.first ? blocks().indexOf(next.block) > blocks().indexOf(chosen.first) : next.to > chosen.from);
    if (isAfter) choose(chosen.first, chosen.from, next.block, next.to);
  };

  // -- codes ---------------------------------------------------------------------------------------------------------

  const find = () => document.getElementById("find-code");
  const picks = () => [...document.querySelectorAll("#code-tree .pick")];
  const shownPicks = () => picks().filter((pick) => !pick.closest("li").hidden);
  const tell = (words) => { document.getElementById("told").textContent = words; };

  const filter = () => {
    const wanted = find().value.trim().toLowerCase();
    for (const pick of picks()) {
      pick.closest("li").hidden = !pick.textContent.toLowerCase().includes(wanted);
      pick.classList.remove("first");
    }
    const shown = shownPicks();
    const last = shown.find((pick) => pick.value === stored(usedLast));
    const first = wanted ? shown[0] : last || shown[0];
    first?.classList.add("first");
    if (wanted) tell(first ? `${shown.length} codes, first ${first.textContent}` : "no such code: Escape, then n makes one");
  };

  const code = () => {
    const first = document.querySelector("#code-tree .pick.first");
    if (!first) return;
    if (!chosen) { tell("Choose a passage first: j, or the mouse."); return; }
    first.click();
  };

  const open = (id) => {
    const details = document.getElementById(id);
    if (!details) return;
    details.open = true;
    details.querySelector("input[type=text], textarea").focus();
  };

  const inVivo = () => {
    if (!chosen) { tell("Choose some words first."); return; }
    const form = document.getElementById("new-code");
    form.elements.name.value = chosen.exact.replace(/\s+/g, " ").slice(0, 200);
    form.requestSubmit();
  };

  // -- forms: the page stays where it is while what was said is kept ---------------------------------------------------

  const begin = () => {
    const keysOn = document.getElementById("keys-on");
    if (!keysOn) return;
    keysOn.checked = stored(kept) !== "off";
    keysOn.addEventListener("change", () => store(kept, keysOn.checked ? "on" : "off"));
    document.getElementById("find").hidden = false;
    document.getElementById("by-hand").open = false;
    find().addEventListener("input", filter);
    filter();
  };

  const refuse = (words) => {
    const shown = document.getElementById("chosen");
    shown.hidden = false;
    shown.textContent = words;
    tell(words);
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post" || !main.contains(form)) return;
    event.preventDefault();
    if (isSending) return;
    isSending = true;
    clearTimeout(waits);
    const now = read();
    if (now) { chosen = now; show(); }
    if (event.submitter?.name === "code") store(usedLast, event.submitter.value);
    try {
      const body = new URLSearchParams(new FormData(form, event.submitter));
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !page.getElementById("coded-text")) {
        refuse(page.querySelector("main .lead")?.textContent.trim() || "This was not kept: try again.");
        return;
      }
      const at = [scrollX, scrollY, document.querySelector(".codes").scrollTop];
      const place = chosen;
      main.innerHTML = page.querySelector("main").innerHTML;
      begin();
      scrollTo(at[0], at[1]);
      document.querySelector(".codes").scrollTop = at[2];
      const again = (start) => text().querySelector(`[data-start="${start}"]`);
      if (place) {
        const first = again(place.first.dataset.start);
        const last = again(place.last.dataset.start);
        if (first && last) choose(first, place.from, last, place.to);
      }
      tell(main.querySelector(".flash p")?.textContent || "");
    } catch {
      refuse("The server did not answer: this was not kept. Try again.");
    } finally {
      isSending = false;
    }
  });

  // -- keys ----------------------------------------------------------------------------------------------------------

  const isTyping = (target) => target.isContentEditable
    || target.matches("textarea, select, input:not([type=checkbox]):not([type=hidden])");

  const acts = {
    j: () => move(1), k: () => move(-1), J: () => extend(1), K: () => extend(-1),
    "/": () => { find().focus(); find().select(); }, c: () => { find().focus(); find().select(); },
    n: () => open("new"), m: () => open("memo"), v: inVivo, Enter: code,
    u: () => document.getElementById("undo")?.requestSubmit(),
    "?": () => { const keys = document.getElementById("keys"); keys.open = !keys.open; if (keys.open) keys.querySelector("summary").focus(); },
  };

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key === "Escape" && isTyping(target)) {
      if (target === find()) { target.value = ""; filter(); }
      target.blur();
      return;
    }
    if (target === find() && event.key === "Enter") {
      event.preventDefault();
      code();
      if (chosen) { target.value = ""; target.blur(); filter(); }
      return;
    }
    if (target === find() && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const shown = shownPicks();
      const now = shown.findIndex((pick) => pick.classList.contains("first"));
      const next = shown[now + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { shown[now]?.classList.remove("first"); next.classList.add("first"); next.scrollIntoView({ block: "nearest" }); tell(next.textContent); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
    if (!document.getElementById("keys-on")?.checked) return;
    if (event.key === "Enter" && target.closest("a, button, summary, input")) return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  begin();
})();
