// The paper of certificates: a clerk enters blanks, takes serials for a batch, spoils a sheet and the head agrees to destroy it; the
// stamp, and what the centre sees. By keyboard alone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");
const follow = async (page, name) => {
  await page.getByRole("link", { name }).first().focus();
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
};

test("blanks are received, printed on, spoiled and destroyed by two persons", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await clerk.goto("/certificates");
  await follow(clerk, "空白证书");
  await check(clerk, { name: "stock" });
  assert.match(await said(clerk), /作废待销毁 ?2 ?张/);

  await follow(clerk, "登记收到");
  await check(clerk, { name: "stock-received-form" });
  await clerk.getByLabel("起号").fill("FJ0000200");
  await clerk.getByLabel("止号（选填）").fill("FJ0000250");
  await clerk.getByLabel("从哪里收到").fill("示例证件印刷厂");
  await press(clerk, "登记收到", { status: 422, name: "stock-received-refused" });
  assert.match(await said(clerk), /FJ0000200 已经登记收到/);
  assert.equal(await clerk.getByLabel("从哪里收到").inputValue(), "示例证件印刷厂");
  await clerk.getByLabel("起号").fill("FJ0000201");
  await press(clerk, "登记收到", { name: "stock-received" });
  assert.match(await said(clerk), /已登记收到 FJ0000201 至 FJ0000250，50 张/);

  // A certificate that was issued anew waits for a blank of its own.
  await follow(clerk, /套打 1 本/);
  await check(clerk, { name: "stock-serials" });
  await press(clerk, "取号", { name: "stock-serials-taken" });
  assert.match(await said(clerk), /1 本证书取号 FJ0\d+/);
  const file = await clerk.getByRole("link", { name: /^下载套打文件/ }).last().getAttribute("href");
  const pdf = await clerk.request.get(new URL(file, demo.origin).href);
  assert.equal((await pdf.body()).subarray(0, 4).toString(), "%PDF");

  await follow(clerk, /^作废\s*FJ/);
  await check(clerk, { name: "stock-spoiled-form" });
  await clerk.getByLabel("作废原因").fill("打印偏移");
  await press(clerk, "登记作废", { name: "stock-spoiled" });
  assert.match(await said(clerk), /其上 1 本证书待重新取号套打/);

  // What the clerk has proposed, the head agrees to.
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/certificates/stock/destructions");
  await check(head, { name: "stock-destruction" });
  await press(head, "同意销毁 2 张", { name: "stock-destroyed" });
  assert.match(await said(head), /已登记销毁 2 张/);
  await head.goto("/certificates/stock");
  await follow(head, /^冲销\s*第/);
  await check(head, { name: "stock-reversal-form" });
});

test("the centre sees the ledger and the stamp, the chain names the blank", async () => {
  const centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  await centre.goto("/certificates/stock");
  await check(centre, { name: "stock-overview" });
  await follow(centre, "示例榕城技工学校");
  await check(centre, { name: "stock-of-body" });
  assert.match(await said(centre), /FJ0000007 至 FJ0000008/);

  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/certificates");
  await follow(head, "证书印章");
  await check(head, { name: "stamp" });
  assert.match(await said(head), /直径 (39.9|40.0) 毫米/);
  await press(head, "提出", { status: 422, name: "stamp-refused" });
  assert.match(await said(head), /缺少印章图片/);
});
