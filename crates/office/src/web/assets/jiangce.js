// What script adds; every act works without it.
// An upload shows how far it is, a form is sent once, a refusal gets the focus, a menu closes, a list follows its server.
(() => {
  "use strict";
  const html = document.documentElement;
  html.classList.add("scripted");
  /** The address that the page which is shown came from, without the place in it. */
  let here = location.pathname + location.search;

  /** Run once for each page, also for one that an upload brought back. */
  function arrive() {
    const wrong = document.querySelector(".refusal, .errors");
    if (wrong) {
      wrong.tabIndex = -1;
      wrong.focus();
    }
    for (const part of document.querySelectorAll("[data-poll]")) follow(part);
  }

  /** `data-poll="2"`: fetch this page every two seconds and take over the part with the same id, until it no longer asks for it. */
  function follow(part) {
    setTimeout(async () => {
      if (!part.isConnected) return;
      let fresh = null;
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        const text = answer.ok ? await answer.text() : "";
        fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
      } catch {
        // The network is away for a moment: ask again.
      }
      if (!fresh) return follow(part);
      part.replaceWith(fresh);
      if (fresh.dataset.poll) follow(fresh);
    }, Number(part.dataset.poll) * 1000);
  }

  /** Take over the page that answered a form. Loading it anew would lose the message it shows once. */
  function show(text, address) {
    const page = new DOMParser().parseFromString(text, "text/html");
    document.title = page.title;
    document.body.replaceWith(document.adoptNode(page.body));
    if (address && address !== location.href) history.pushState({}, "", address);
    here = location.pathname + location.search;
    scrollTo(0, 0);
    const main = document.getElementById("main");
    if (main) main.focus();
    arrive();
  }

  /** `<form data-upload>`: send by request, so that the part sent can be told. */
  function upload(form, button) {
    const going = form.querySelector(".going");
    const bar = going.querySelector("progress");
    const said = going.querySelector("p");
    const request = new XMLHttpRequest();
    const stop = (message) => {
      release(form);
      bar.hidden = true;
      said.textContent = message;
    };
    going.hidden = false;
    bar.hidden = false;
    bar.value = 0;
    bar.max = 100;
    said.textContent = "正在上传……";
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) bar.value = Math.floor((e.loaded / e.total) * 100);
    };
    request.upload.onload = () => {
      bar.removeAttribute("value");
      said.textContent = "上传完毕，正在逐行检查……";
    };
    request.onload = () => {
      const type = request.getResponseHeader("content-type") || "";
      if (type.startsWith("text/html")) show(request.responseText, request.responseURL);
      else stop("服务器没有给出可以显示的答复，请稍后再试。");
    };
    request.onerror = () => stop("网络中断，文件没有送达。请检查网络后再点一次。");
    request.open("POST", form.action);
    request.setRequestHeader("accept", "text/html");
    request.send(new FormData(form, button));
  }

  const buttons = (form) => form.querySelectorAll("button:not([type=button]), input[type=submit]");
  function release(form) {
    delete form.dataset.sent;
    for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  }

  addEventListener("submit", (e) => {
    const form = e.target;
    if (form.method !== "post" || e.defaultPrevented) return;
    if (form.dataset.sent) return e.preventDefault();
    form.dataset.sent = "yes";
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    if (form.dataset.upload !== undefined) {
      e.preventDefault();
      upload(form, e.submitter);
    } else {
      // A download answers without leaving the page, so the form must come back to life.
      setTimeout(release, 5000, form);
    }
  });

  // Back and forward: a page from the browser's memory must not stay locked; one that an upload brought is fetched again.
  addEventListener("pageshow", (e) => e.persisted && document.querySelectorAll("form[data-sent]").forEach(release));
  // A link to a field of this page stays on it: loading it anew would lose what was typed.
  addEventListener("popstate", () => location.pathname + location.search !== here && location.reload());

  addEventListener("click", (e) => {
    for (const menu of document.querySelectorAll("details.account[open]")) {
      if (!menu.contains(e.target)) menu.open = false;
    }
    if (e.target.closest("[data-print]")) print();
  });

  addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.account[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // `<input type=checkbox data-all="person">` ticks every box of that name in its form, and `data-count` holds how many are ticked.
  addEventListener("change", (e) => {
    const form = e.target.form;
    if (!form || e.target.type !== "checkbox") return;
    const all = form.querySelector("[data-all]");
    if (!all) return;
    const boxes = [...form.querySelectorAll(`input[name="${all.dataset.all}"]`)];
    if (e.target === all) for (const box of boxes) box.checked = all.checked;
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    for (const place of form.querySelectorAll("[data-count]")) place.textContent = ticked;
  });

  arrive();
})();
