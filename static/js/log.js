// The log's reading pane. Without this file a row opens the entry's own page, and every filter still works.
(() => {
  const pane = document.getElementById("pane");
  const wide = matchMedia("(min-width: 1200px)");

  function show(link) {
    const row = link.closest("tr");
    document.querySelectorAll("tr[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
    htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" }).then(() => pane.scrollTo(0, 0));
    const address = new URL(location.href);
    address.searchParams.set("entry", link.dataset.entry);
    history.replaceState(history.state, "", address);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.open[data-entry]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (pane && link && plain && wide.matches) {
      event.preventDefault();
      show(link);
      return;
    }
    const step = event.target.closest("[data-step]");
    if (pane && step) {
      const links = [...document.querySelectorAll("a.open[data-entry]")];
      const at = links.findIndex((one) => one.closest("tr").hasAttribute("aria-current"));
      const next = links[at + Number(step.dataset.step)];
      if (next) show(next);
      return;
    }
  });

  // The page's own script moves the focus with j and k; the pane follows.
  document.addEventListener("keydown", (event) => {
    const link = document.activeElement;
    if (!["j", "k"].includes(event.key) || event.metaKey || event.ctrlKey || event.altKey) return;
    if (pane && wide.matches && link.matches("a.open[data-entry]")) show(link);
  });

  // Choosing a date is choosing "Between dates".
  document.addEventListener("change", (event) => {
    if (!event.target.matches('.pop-sheet input[type="date"]')) return;
    const dates = event.target.form.querySelector('input[name="sent"][value="dates"]');
    if (dates) dates.checked = true;
  });

  // The first entry is read at once where there is room for the pane.
  if (pane && wide.matches && !document.querySelector("tr[aria-current]")) {
    const first = document.querySelector("a.open[data-entry]");
    if (first) {
      first.closest("tr").setAttribute("aria-current", "true");
      htmx.ajax("GET", first.href, { target: pane, swap: "innerHTML" });
    }
  }
})();
