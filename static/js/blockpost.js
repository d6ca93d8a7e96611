// Small conveniences. Every page works without them.
"use strict";

// One popover at a time; Escape and a click elsewhere close it.
const popovers = () => document.querySelectorAll("details.pop-host[open]");
document.addEventListener("toggle", (event) => {
  if (!event.target.matches?.("details.pop-host") || !event.target.open) return;
  popovers().forEach((other) => {
    if (other !== event.target && !other.contains(event.target)) other.open = false;
  });
}, true);
document.addEventListener("click", (event) => {
  popovers().forEach((host) => { if (!host.contains(event.target)) host.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  popovers().forEach((host) => { host.open = false; host.querySelector("summary").focus(); });
});

// In the log, j and k move from row to row.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.metaKey || event.ctrlKey || event.altKey || !["j", "k"].includes(event.key)) return;
  const rows = [...document.querySelectorAll(".ledger.pick .open")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row === document.activeElement || row.closest("[aria-current]"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + (event.key === "j" ? 1 : -1)))];
  next.focus();
  if (matchMedia("(min-width: 1200px)").matches && next.hasAttribute("hx-get")) next.click();
});

// A merge field goes into the text where the caret was.
let lastField = null;
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[contenteditable=true], input[data-merge], textarea")) lastField = event.target;
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("button.merge")) event.preventDefault(); // keep the caret where it is
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.merge[data-field]");
  if (!button) return;
  const field = lastField || document.querySelector(".editor [contenteditable=true], .editor textarea");
  if (!field) return;
  field.focus();
  const words = `{{${button.dataset.field}}}`;
  if (field.isContentEditable) document.execCommand("insertText", false, words);
  else field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
});

// Say how many boxes are ticked: <span data-ticks-of="recipient" hidden>. Without this script no number is said.
const ticks = () => document.querySelectorAll("[data-ticks-of]").forEach((said) => {
  said.textContent = said.closest("form").querySelectorAll(`[name="${said.dataset.ticksOf}"]:checked`).length;
  said.hidden = false;
});
document.addEventListener("change", ticks);
ticks();

// Count characters while typing: <span data-count-of="id_subject">.
document.addEventListener("input", (event) => {
  const count = document.querySelector(`[data-count-of="${event.target.id}"]`);
  if (count) count.textContent = `${[...event.target.value].length} of ${event.target.maxLength}`;
});

// The list of mistakes is what a person should meet first.
document.querySelector("[data-focus]")?.focus();

// A select or a radio that only narrows what is shown need not wait for a button.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// Say on the button that something is under way, and do not send it twice.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  // A form that fills a frame leaves this page as it is, and so does a download.
  if (!button || event.target.target || event.target.matches("[data-download]") || event.defaultPrevented) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  if (event.target.method === "post") {
    event.target.dataset.sent = "1";
    button.setAttribute("aria-busy", "true");
    setTimeout(() => { delete event.target.dataset.sent; button.removeAttribute("aria-busy"); }, 8000);
  }
});

// The button that schedules says for when.
document.addEventListener("input", (event) => {
  const button = event.target.form?.querySelector("[data-schedule-label]");
  if (!button) return;
  const { date, time } = event.target.form.elements;
  const moment = new Date(`${date.value}T${time.value}`);
  if (isNaN(moment)) return;
  const day = moment.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" }).replace(",", "");
  button.textContent = `${button.dataset.scheduleLabel} ${day}, ${time.value}`;
});

// Words that were typed and not saved are asked about before the page is left.
document.querySelectorAll("form[data-guard]").forEach((form) => {
  let unsaved = false;
  const typed = (event) => { if (event.target.form === form || event.target.closest(".editor")) unsaved = true; };
  document.addEventListener("input", typed);
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
});

// The preview shows what is being written: the words are posted into its frame a moment after the last key.
document.querySelectorAll("form[data-live]").forEach((preview) => {
  const editor = document.getElementById(preview.dataset.live);
  let waiting;
  const show = () => {
    for (const name of ["subject", "body"]) {
      let words = preview.elements[name];
      if (!words) {
        words = document.createElement("input");
        Object.assign(words, { type: "hidden", name });
        preview.append(words);
      }
      words.value = editor.elements[name].value;
    }
    document.querySelectorAll("[data-live-note]").forEach((note) => { note.textContent = "As it is written now"; });
    preview.submit();
  };
  // It goes with the channel that is chosen while writing.
  editor.elements.channel?.addEventListener("change", (event) => {
    const by = preview.elements.channel;
    if (!by || ![...by.options].some((option) => option.value === event.target.value)) return;
    by.value = event.target.value;
    show();
  });
  document.addEventListener("input", (event) => {
    if (event.target.name !== "subject" && !event.target.closest(".editor")) return;
    clearTimeout(waiting);
    waiting = setTimeout(show, 700);
  });
});

// On a narrow screen the tab that is open may stand beyond the edge.
document.querySelector(".nav-tabs .active")?.scrollIntoView({ inline: "center", block: "nearest" });
