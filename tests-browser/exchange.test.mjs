// The national exchange: a clerk sees what was sent back, answers it, makes the next package and notes its upload, by keyboard
// alone; the provincial centre sees differences, numbers from elsewhere and the template.

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
const follow = async (page, link) => {
  await link.focus();
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
};

test("a clerk answers what was sent back and makes the next package, by keyboard", async () => {
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await clerk.goto("/certificates");
  await follow(clerk, clerk.getByRole("link", { name: "国家平台交换" }));
  await check(clerk, { name: "exchange" });
  assert.match(await said(clerk), /有退回/);
  await follow(clerk, clerk.getByRole("link", { name: /-JH0001$/ }));
  await check(clerk, { name: "exchange-package" });
  assert.match(await said(clerk), /公安库中没有这个号码/);
  const sheet = await clerk.request.get(`${clerk.url()}/sheet.xlsx`);
  assert.equal((await sheet.body()).subarray(0, 2).toString(), "PK");

  await press(clerk, "重新上传", { status: 422, name: "exchange-again-refused" });
  await clerk.getByLabel("更正了什么").fill("已与公安核对，号码无误");
  await press(clerk, "重新上传", { name: "exchange-again" });
  assert.match(await said(clerk), /已与公安核对/);

  await clerk.goto("/exchange");
  await press(clerk, "制作交换包", { name: "exchange-made" });
  assert.match(await said(clerk), /JH0002/);
  await press(clerk, "登记上传", { status: 422, name: "exchange-mark-refused" });
  await clerk.getByRole("textbox", { name: "上传到哪里" }).fill("国家平台，示例账号");
  await press(clerk, "登记上传", { name: "exchange-marked" });
  assert.match(await said(clerk), /导入回执/);
  await clerk.goto("/exchange/differences");
  await check(clerk, { name: "exchange-differences" });
});

test("the provincial centre keeps template, list and numbers from elsewhere", async () => {
  const centre = await visit(browser, demo.origin, { as: "fujian-centre", script: false });
  await centre.goto("/exchange");
  await check(centre, { name: "exchange-province" });
  await follow(centre, centre.getByRole("link", { name: "交换模板" }));
  await check(centre, { name: "exchange-template" });
  await press(centre, "调整模板", { status: 422, name: "exchange-template-refused" });
  assert.match(await centre.getByRole("textbox", { name: "各列" }).inputValue(), /证书编号 \| 证书编号 \| 必填/);
  await centre.goto("/exchange/elsewhere");
  await check(centre, { name: "exchange-elsewhere" });
  await centre.goto("/exchange/differences");
  await check(centre, { name: "exchange-differences-province" });
});
