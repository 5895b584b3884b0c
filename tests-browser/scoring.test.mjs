// Assessors mark alone: a rubric is set by the province, a sheet is written in at the width of a phone, the codes are printed, and
// what three assessors gave is seen merged. Without script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { download, open, pdfPages, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;
let clerk;
let head;
let province;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  const as = (login) => visit(browser, demo.origin, { as: login, script: false });
  clerk = await as("rongcheng-clerk");
  head = await as("rongcheng-head");
  province = await as("fujian-centre");
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** The batch of which `words` are said on this page of it. */
async function batchWith(page, path, words) {
  await page.goto("/batches");
  const links = await page.locator('a[href^="/batches/"]').evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  for (const batch of new Set(links.filter((href) => /^\/batches\/\d+$/.test(href)))) {
    await page.goto(`${batch}${path}`);
    if (words.test(await said(page))) return batch;
  }
  assert.fail(`no batch says ${words}`);
}

test("what assessors gave is merged, and a wide spread has its reason", async () => {
  const batch = await batchWith(head, "/scores", /成品质量/);
  await open(head, `${batch}/scores`, { name: "merged" });
  assert.match(await said(head), /已复看作品，分差属实/);
  await open(head, await head.locator('#main a[href*="/scores/"]').first().getAttribute("href"), { name: "handed-in" });
});

test("a sheet is written in at the width of a phone, one candidate after the other", async () => {
  const batch = (await (await clerk.goto("/work")) && (await clerk.locator('#main a[href^="/batches/"]').evaluateAll((all) => all.map((link) => link.getAttribute("href"))))).find((href) => /marks/.test(href)).match(/^\/batches\/\d+/)[0];
  await clerk.setViewportSize({ width: 375, height: 800 });
  await open(clerk, `${batch}/scores`, { name: "scores" });
  await clerk.setViewportSize({ width: 375, height: 800 });
  await clerk.goto(await clerk.locator('#main a[href*="/scores/"]').first().getAttribute("href"));
  const first = await clerk.locator("#form").innerText();
  await clerk.locator("#item-0").fill("101");
  await press(clerk, "保存，评下一名", { status: 422, name: "too-many-points" });
  assert.equal(await clerk.locator("#item-0").inputValue(), "101", "what was typed is there again");
  await clerk.locator("#item-0").fill("82.5");
  await press(clerk, "保存，评下一名", { name: "next-candidate" });
  assert.notEqual(await clerk.locator("#form").innerText(), first);
  assert.match(await said(clerk), /82\.5/);
  await press(clerk, "提交评分表", { status: 422, name: "incomplete" });
  await open(clerk, `${batch}/station-codes`, { name: "codes" });
});

test("a rubric is set, kept as typed where it is wrong, and printed sheets carry the items", async () => {
  await province.goto("/standards?find=4-03-02-01");
  await province.locator('#main a[href^="/standards/rules?"]').first().click();
  await province.getByRole("link", { name: "登记评分细则" }).click();
  await province.getByLabel("生效日期").fill("2026-03-18");
  await province.getByRole("textbox", { name: "出处" }).fill("4.2");
  const titles = province.locator('input[name="item_title[]"]');
  const points = province.locator('input[name="item_points[]"]');
  await titles.nth(0).fill("刀工");
  await points.nth(0).fill("30");
  await titles.nth(1).fill("火候");
  await points.nth(1).fill("60");
  await press(province, "登记细则", { status: 422, name: "rubric-wrong" });
  assert.equal(await titles.nth(1).inputValue(), "火候");
  await points.nth(1).fill("70");
  await press(province, "登记细则", { name: "rubric-set" });
  assert.match(await said(province), /已登记 2 项/);
  const batch = await batchWith(head, "/scores", /成品质量/);
  await head.goto(`${batch}/scores`);
  const sheets = await download(head, "打印评分表");
  assert.match(pdfPages(sheets.bytes)[0], /成品质量/);
});

test("an assessor's gate asks for a code and says so where there is none", async () => {
  const assessor = await visit(browser, demo.origin, { script: false });
  await open(assessor, "/station", { name: "gate" });
  await assessor.getByLabel("评分码").fill("abcd-efgh-jklm");
  await press(assessor, "打开评分表", { status: 422, name: "no-such-code" });
  assert.match(await said(assessor), /没有这个评分码/);
});
