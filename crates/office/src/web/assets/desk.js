// The reviewer's desk by keyboard; without script the form under the list does the same.
// A word waits a moment, in which it can be taken back, stays in this browser until the server has answered, and is sent
// again until it has: the server counts it once. Kept are ids, words and codes of reasons, nothing that says who somebody is.
(() => {
  "use strict";
  const form = document.getElementById("desk");
  if (!form) return;
  const told = document.getElementById("desk-said");
  const { reason, reason_code: code } = form.elements;
  const boxes = [...form.querySelectorAll("input[name=person]")];
  const names = { approve: "通过", return: "退回", hold: "暂留" };
  const row = (id) => document.getElementById(`p${id}`);
  const queue = () => JSON.parse(localStorage.getItem(form.dataset.key) || "[]");
  const keep = (list) => localStorage.setItem(form.dataset.key, JSON.stringify(list));
  /** Reasons in words stay in this page alone. */
  const texts = new Map();
  let at = -1;
  let from = -1;
  let wanted = null;
  let timer = 0;
  let sending = false;
  let trouble = "";

  function paint(id, text, state) {
    const line = row(id);
    if (!line) return;
    line.dataset.state = state;
    line.querySelector("[data-word]").textContent = text;
  }

  /** What stands on a person at the server. */
  function remember(line) {
    [line.dataset.was, line.dataset.before] = [line.querySelector("[data-word]").textContent, line.dataset.state];
  }

  function count() {
    const waits = queue().length;
    const open = boxes.filter((box) => row(box.value).dataset.state === "undecided").length;
    told.textContent = `待发送 ${waits} 条，本页还有 ${open} 人待审核。${waits && trouble ? trouble : ""}`;
  }

  function show() {
    for (const one of queue()) {
      const lost = one.text && !texts.has(one.id);
      paint(one.id, lost ? "理由没有保存，请重新填写" : `${names[one.word]}（待发送）`, lost ? "undecided" : one.word);
    }
    count();
  }

  function say(ids, word) {
    const text = reason.value.trim();
    if (word !== "approve" && !text && !code.value) {
      wanted = { ids, word };
      told.textContent = `${names[word]} ${ids.length} 人：请选或填理由，按回车确定。`;
      return reason.focus();
    }
    const said = word === "approve" ? { code: "", text: false } : { code: code.value, text: text !== "" };
    const group = Date.now();
    const words = ids.map((id) => ({ id, word, group, seen: Number(row(id).dataset.seen), ...said }));
    keep([...queue().filter((one) => !ids.includes(one.id)), ...words]);
    for (const id of ids) said.text ? texts.set(id, text) : texts.delete(id);
    wanted = null;
    reason.value = code.value = "";
    for (const box of boxes) box.checked = false;
    from = -1;
    show();
    clearTimeout(timer);
    timer = setTimeout(send, queue().length < 25 || trouble ? 2500 : 0);
    go(1);
  }

  /** The last words that are not sent yet are taken back. */
  function undo() {
    const list = queue();
    const last = Math.max(...list.map((one) => one.group));
    if (sending || !list.length) return (told.textContent = "没有可以撤回的；已送达的，可以重新作出结论。");
    for (const { id } of list.filter((one) => one.group === last)) paint(id, row(id)?.dataset.was, row(id)?.dataset.before);
    keep(list.filter((one) => one.group !== last));
    count();
  }

  async function send() {
    const list = queue().filter((one) => !one.text || texts.has(one.id)).slice(0, 100);
    if (sending || !list.length) return;
    sending = true;
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    const word = ({ id, word, seen, code }) => ({ candidate: Number(id), word, seen, code, reason: texts.get(id) ?? "" });
    body.set("words", JSON.stringify(list.map(word)));
    try {
      const answer = await fetch(form.dataset.words, { method: "POST", body, redirect: "manual" });
      const type = answer.headers.get("content-type") || "";
      if (!type.startsWith("application/json")) throw new Error("signed out");
      const said = await answer.json();
      if (!answer.ok) trouble = `${said.what}。${said.remedy}`;
      else take(list, said.told);
    } catch (error) {
      trouble = error.message === "signed out" ? "请刷新本页重新登录，待发送的仍在。" : "网络中断，恢复后自动发送，请不要清除浏览器数据。";
    }
    sending = false;
    show();
    clearTimeout(timer);
    if (queue().length) timer = setTimeout(send, trouble ? 5000 : 1000);
  }

  /** What the server has answered goes out of the queue, unless it was said anew in the meantime. */
  function take(list, answers) {
    trouble = "";
    const sent = new Map(list.map((one) => [one.id, one.group]));
    for (const one of answers) {
      const overtaken = one.fate === "overtaken" ? "，先于您作出，请核对" : "";
      const by = one.by ? `（${one.by}，${one.at}${overtaken}）` : "";
      paint(one.candidate, one.refused ?? `${one.word_name}${one.reason ? `：${one.reason}` : ""}${by}`, one.word ?? "none");
      const line = row(one.candidate);
      if (line) line.dataset.seen = one.no;
      if (line) remember(line);
    }
    keep(queue().filter((one) => sent.get(one.id) !== one.group));
  }

  function go(step, extend) {
    if (extend && from < 0) from = Math.max(at, 0);
    at = Math.min(Math.max(at + step, 0), boxes.length - 1);
    if (extend) boxes.forEach((box, n) => (box.checked = n >= Math.min(from, at) && n <= Math.max(from, at)));
    else from = -1;
    boxes[at]?.focus();
  }

  const meant = () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    return ticked.length || at < 0 ? ticked : [boxes[at].value];
  };

  addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const typing = e.target.matches("textarea, select, input:not([type=checkbox])");
    if (typing && form.contains(e.target) && ["Enter", "Escape"].includes(e.key)) {
      e.preventDefault();
      if (e.key === "Enter" && wanted) return say(wanted.ids, wanted.word);
      wanted = null;
      return go(0);
    }
    if (typing) return;
    const words = { a: "approve", r: "return", h: "hold" };
    const steps = { j: 1, arrowdown: 1, k: -1, arrowup: -1 };
    const key = e.key.toLowerCase();
    if (key in steps) go(steps[key], e.shiftKey);
    else if (key in words && meant().length) say(meant(), words[key]);
    else if (key === "x" && at >= 0) boxes[at].checked = !boxes[at].checked;
    else if (key === "u") undo();
    else if (key === "c" && at >= 0) row(boxes[at].value).querySelector("a[data-chain]").click();
    else if (key === "/") document.getElementById("hint").focus();
    else return;
    e.preventDefault();
  });

  form.addEventListener("focusin", (e) => boxes.includes(e.target) && (at = boxes.indexOf(e.target)));
  addEventListener("online", send);
  for (const box of boxes) remember(row(box.value));
  show();
  if (queue().length) send();
  // Back from a person's file, the reviewer stands where they stood; the browser's own jump to the place takes the focus first.
  const place = boxes.findIndex((box) => `#p${box.value}` === location.hash);
  addEventListener("pageshow", () => place >= 0 && boxes[place].focus());
})();
