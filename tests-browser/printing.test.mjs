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
