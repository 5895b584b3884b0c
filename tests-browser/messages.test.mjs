// Where one's messages go: a mobile number is confirmed by the code that arrives there, and chosen for; the mail that the
// operator has not set up is said to be missing; an administrator sees how deliveries fare, and no address.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { check, open, press, startBrowser, startDemo, tabTo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo({ sms: true }), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");
const lines = () => readFileSync(demo.sms, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));

/** What arrives next; the house sends every few seconds. */
async function arrives(after) {
  for (let waited = 0; waited < 90_000; waited += 250) {
    const [next] = lines().slice(after);
    if (next) return next;
    await pause(250);
  }
  return assert.fail("nothing arrived");
}

test("a mobile number is confirmed by keyboard alone, and messages go there when they are chosen", async () => {
  const page = await visit(browser, demo.origin, { as: "fuzhou-centre" });
  await open(page, "/account", { name: "account" });
  await tabTo(page, page.getByRole("link", { name: /设置\s*接收消息/ }));
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await check(page, { name: "contacts-none" });
  assert.match(await said(page), /还没有配置邮件/);

  const before = lines().length;
  await page.getByLabel("手机号").fill("1234");
  await press(page, "向手机发验证码", { status: 422, name: "number-refused" });
  assert.equal(await page.getByRole("textbox", { name: "手机号" }).inputValue(), "1234");
  await page.getByRole("textbox", { name: "手机号" }).fill("100 0000 0001");
  await press(page, "向手机发验证码", { name: "code-asked" });
  const { to, text } = await arrives(before);
  assert.equal(to, "10000000001");
  const [, code] = text.match(/验证码 (\d{6})/);

  const field = page.getByLabel("短信中的验证码");
  await field.fill(code === "000000" ? "111111" : "000000");
  await press(page, "确认手机号", { status: 422, name: "code-wrong" });
  await tabTo(page, field);
  await page.keyboard.type(code);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await check(page, { name: "number-confirmed" });
  const shown = await said(page);
  assert.ok(shown.includes("100****0001") && !shown.includes("10000000001"), shown);

  await page.getByRole("group", { name: "短信" }).getByRole("checkbox", { name: "办理消息" }).check();
  await press(page, "保存选择", { name: "chosen" });
  assert.ok(await page.getByRole("group", { name: "短信" }).getByRole("checkbox", { name: "办理消息" }).isChecked());

  const school = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await school.goto("/standing");
  await school.locator("summary", { hasText: "告知变更" }).click();
  const form = school.locator("details.more", { hasText: "告知变更" });
  await form.getByLabel("变更后的内容").fill("示例负责");
  await form.getByLabel("原因", { exact: true }).fill("人事调整");
  await press(school, "告知主管中心", { name: "told" });
  // A click on the next day does what a minute does.
  await Promise.all([school.waitForEvent("load"), school.getByRole("button", { name: "下一个工作日" }).click()]);
  const message = await arrives(before + 1);
  assert.match(message.text, /^【匠册】示例榕城技工学校告知变更/);
  assert.ok(!message.text.includes("示例负责"), message.text);
  await school.context().close();

  await open(page, "/account/contacts", { name: "contacts-one" });
  await press(page, "移除手机号", { name: "number-removed" });
  await page.context().close();
});

test("an administrator sees how deliveries fare", async () => {
  const page = await visit(browser, demo.origin, { as: "administrator", script: false });
  await open(page, "/admin/deliveries", { name: "deliveries" });
  const text = await said(page);
  assert.match(text, /邮件 没有配置/);
  assert.match(text, /短信 已配置/);
  assert.ok(!text.includes("10000000001"), text);
  await page.context().close();
});
