// Printing on blanks: the clerk downloads the blank and the sheet to try, types how far the printer is off, by keyboard alone,
// and the batch's certificates are there to be printed on blanks.

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
const begins = async (page, path) => {
  const file = await page.request.get(new URL(path, demo.origin).href);
  assert.equal(file.status(), 200, path);
  return (await file.body()).subarray(0, 4).toString();
};

test("a clerk sets the printer right and prints on blanks, by keyboard", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await clerk.goto("/certificates");
  await clerk.getByRole("link", { name: "套打" }).focus();
  await clerk.keyboard.press("Enter");
  await clerk.waitForURL("**/certificates/printing");
  await check(clerk, { name: "printing" });
  for (const file of ["blank", "trial"]) assert.equal(await begins(clerk, `/certificates/printing/${file}.pdf`), "%PDF");

  await clerk.getByLabel("向右（毫米）").fill("12");
  await clerk.getByLabel("向下（毫米）").fill("-0.5");
  await press(clerk, "保存偏移", { status: 422, name: "printing-refused" });
  assert.match(await said(clerk), /超过 10 毫米/);
  assert.equal(await clerk.getByLabel("向下（毫米）").inputValue(), "-0.5");
  await clerk.getByLabel("向右（毫米）").focus();
  await clerk.keyboard.press("Control+A");
  await clerk.keyboard.type("1.2");
  await Promise.all([clerk.waitForEvent("load"), clerk.keyboard.press("Enter")]);
  await check(clerk, { name: "printing-set" });
  assert.match(await said(clerk), /向右 1.2 毫米，向下 -0.5 毫米/);

  await clerk.goto("/certificates");
  await Promise.all([clerk.waitForEvent("load"), clerk.locator("tbody th a").first().click()]);
  await check(clerk, { name: "certificate-files" });
  const path = new URL(clerk.url()).pathname;
  assert.equal(await begins(clerk, `${path}.pdf`), "%PDF");
  assert.equal(await begins(clerk, `${path}.ofd`), "PK\u0003\u0004");
  await Promise.all([clerk.waitForEvent("load"), clerk.getByRole("link", { name: /^批次 / }).click()]);
  const onBlanks = await clerk.getByRole("link", { name: "下载套打文件（PDF）" }).getAttribute("href");
  assert.equal(await begins(clerk, onBlanks), "%PDF");
});

test("a head reports a signing key lost with care, and the province gives the next one from a day on", async () => {
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/certificates");
  await Promise.all([head.waitForEvent("load"), head.getByRole("link", { name: "签名密钥" }).click()]);
  await check(head, { name: "signing-keys" });
  await Promise.all([head.waitForEvent("load"), head.getByRole("rowheader").getByRole("link").first().click()]);
  await check(head, { name: "signing-keys-of-a-body" });
  const number = (await said(head)).match(/备案编号 (\w+)/)[1];
  await Promise.all([head.waitForEvent("load"), head.getByRole("link", { name: "立即报失" }).click()]);
  await head.getByLabel("发生了什么").fill("办公电脑被盗");
  await press(head, "报失并立即停用", { status: 422, name: "signing-key-not-confirmed" });
  assert.equal(await head.getByLabel("发生了什么").inputValue(), "办公电脑被盗");
  await head.getByLabel(/再填一次机构备案编号/).fill(number);
  await press(head, "报失并立即停用", { name: "signing-key-lost" });
  assert.match(await said(head), /第2代.*正在使用.*第1代.*已报失/);

  const province = await visit(browser, demo.origin, { as: "fujian-centre", script: false });
  await province.goto("/signing-keys");
  await Promise.all([province.waitForEvent("load"), province.getByRole("rowheader").getByRole("link").first().click()]);
  assert.match(await said(province), new RegExp(number), "whose key was replaced stands first");
  await province.getByLabel("启用日期").fill("2030-01-01");
  await province.getByLabel("原因").fill("例行更换");
  await press(province, "更换", { name: "signing-key-ahead" });
  assert.match(await said(province), /第3代.*尚未启用/);
});
