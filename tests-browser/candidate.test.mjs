// A candidate on a phone: name, number and the code of a short message open the own page with ticket, marks and certificate. At the
// school a correction waits for a second person, and a code is handed out at the counter.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, download, open, ownCode, pdfPages, press, startBrowser, startDemo, suggestedCandidate, tabTo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const phone = { width: 375, height: 812 };
const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** Presses Enter on this place and waits for the page behind it. */
async function enter(page, place) {
  await tabTo(page, place);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

test("a candidate reads ticket, marks and certificate on a phone, by keyboard alone", async () => {
  const page = await visit(browser, demo.origin, { script: false });
  await open(page, "/demo", { name: "demo" });
  const { name, number } = await suggestedCandidate(page);
  await page.setViewportSize(phone);
  await page.goto("/me");
  await check(page, { name: "ask" });
  await page.setViewportSize(phone);
  await tabTo(page, page.getByLabel("姓名"));
  await page.keyboard.type(name);
  await tabTo(page, page.getByLabel("证件号码"));
  await page.keyboard.type(number);
  await enter(page, page.getByRole("button", { name: "获取验证码" }));
  await check(page, { name: "code" });
  assert.ok(!(await page.content()).includes(number), "the number stands on no page");
  assert.equal(new URL(page.url()).search, "");

  // The message arrives on the telephone of the make-believe province.
  const other = await visit(browser, demo.origin, { script: false });
  const code = await ownCode(other);
  await check(other, { name: "telephone" });

  await page.setViewportSize(phone);
  await page.getByRole("textbox", { name: "验证码" }).fill("12345");
  await press(page, "查看", { status: 422, name: "wrong-code" });
  await page.setViewportSize(phone);
  await tabTo(page, page.getByRole("textbox", { name: "验证码" }));
  await page.keyboard.type(code);
  await enter(page, page.getByRole("button", { name: "查看" }));
  assert.equal(new URL(page.url()).pathname, "/me");
  await check(page, { name: "own" });
  const shown = await said(page);
  assert.ok(shown.includes(name) && /证书编号 ?[YS]\d{21}/.test(shown) && shown.includes("理论知识考试"), shown);
  const ticket = pdfPages((await download(page, /下载准考证/)).bytes).join("");
  assert.ok(ticket.includes("准考证") && ticket.includes(name), ticket);
  const certificate = pdfPages((await download(page, /下载证书/)).bytes).join("");
  assert.ok(certificate.includes("职业技能等级证书"), certificate);

  await page.setViewportSize(phone);
  await enter(page, page.getByRole("button", { name: "退出", exact: true }));
  assert.match(await said(page), /已退出/);
  await page.goto("/me");
  assert.equal(await page.getByRole("button", { name: "获取验证码" }).count(), 1);
});

test("the head agrees to a correction, a code is handed out at the counter and opens the page once", async () => {
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/work");
  await head.getByRole("link", { name: "答复考生信息更正" }).first().click();
  await check(head, { name: "corrections" });
  const path = new URL(head.url()).pathname;
  await press(head, "不同意", { status: 422, name: "correction-declined-without-reason" });
  await press(head, "同意更正", { name: "correction-agreed" });
  assert.match(await said(head), /19900009999/);

  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  const roster = path.replace("candidate-changes", "roster");
  await open(clerk, roster, { name: "roster" });
  await open(clerk, path.replace("candidate-changes", "exceptions"), { name: "exceptions" });
  await clerk.goto(roster);
  await clerk.getByRole("link", { name: /^更正/ }).nth(1).click();
  await check(clerk, { name: "correction-form" });
  await clerk.getByRole("textbox", { name: "正确的姓名" }).fill("示例正");
  await press(clerk, "提出更正", { status: 422, name: "correction-refused" });
  assert.equal(await clerk.getByRole("textbox", { name: "正确的姓名" }).inputValue(), "示例正");

  await open(clerk, path.replace("candidate-changes", "own-codes"), { name: "codes" });
  await clerk.locator("#candidate input").first().check();
  await press(clerk, "发给选中的考生", { name: "codes-handed-out" });
  const [, name, code] = (await clerk.locator("tbody tr").first().innerText()).split(/\s+/);
  await clerk.goto(`${roster}/full`);
  const [, number] = (await clerk.locator("tbody tr").first().innerText()).match(/(\d{17}[\dX])/);
  const candidate = await visit(browser, demo.origin, { script: false });
  await open(candidate, "/me/session", { name: "code-of-the-school" });
  const typed = async () => {
    await candidate.goto("/me/session");
    await candidate.getByRole("textbox", { name: "姓名" }).fill(name);
    await candidate.getByRole("textbox", { name: "证件号码" }).fill(number);
    await candidate.getByRole("textbox", { name: "查询码" }).fill(code.toLowerCase());
  };
  await typed();
  await press(candidate, "查看", { name: "own-before-the-examination" });
  assert.match(await said(candidate), /成绩在公示以后才能查看/);
  await press(candidate, "退出", { name: "left" });
  await typed();
  await press(candidate, "查看", { status: 422, name: "code-used" });
});
