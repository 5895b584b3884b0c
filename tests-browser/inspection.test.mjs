// An inspection finds something, the body mends it, the office that ordered looks again; strangers read the result. By the
// forms of the pages, without their script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { open, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;
let head;
let centre;
let anyone;
let broken = false;

/** A step of the path; once one has failed, those that build on it are skipped. */
function step(name, run) {
  test(name, async (t) => {
    if (broken) return t.skip("an earlier step failed");
    broken = true;
    await run();
    broken = false;
  });
}

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  anyone = await visit(browser, demo.origin);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

step("a centre records what it found; what was typed stays when it is refused", async () => {
  await open(centre, "/inspections", { name: "inspections-centre" });
  await centre.getByRole("link", { name: "登记检查" }).click();
  await centre.getByLabel("机构").selectOption({ label: "示例榕城技工学校" });
  await press(centre, "填写检查情况", { name: "inspection-form" });
  await centre.getByLabel("日常检查").check();
  await centre.getByLabel("检查人员，第1名").fill("示例督导甲");
  await centre.getByLabel(/管理办法与收费公开/).check();
  const first = centre.getByRole("group", { name: "第1项" });
  await first.getByLabel("所属事项").selectOption({ label: "管理办法与收费公开" });
  await first.getByLabel("什么地方不符合要求").fill("校内公示栏没有张贴收费项目表");
  await first.getByLabel("整改要求").fill("张贴现行收费项目表");
  await press(centre, "登记检查", { status: 422, name: "inspection-by-one" });
  assert.match(await centre.locator(".refusal").innerText(), /只有1名/);
  assert.equal(await first.getByLabel("整改要求").inputValue(), "张贴现行收费项目表");
  await centre.getByLabel("检查人员，第2名").fill("示例督导乙");
  await press(centre, "登记检查", { name: "inspection-recorded" });
  assert.match(await said(centre), /整改中/);
});

step("the head answers and the centre accepts", async () => {
  await open(head, "/work", { name: "work-with-rectification" });
  await head.getByRole("link", { name: "完成整改：管理办法与收费公开" }).click();
  await press(head, "提交整改情况", { status: 422, name: "answer-without-words" });
  await head.getByLabel("整改情况", { exact: true }).fill("已张贴，并拍照存档");
  await press(head, "提交整改情况", { name: "answered" });
  const path = new URL(head.url()).pathname;
  await open(centre, path, { name: "rectification-to-check" });
  await press(centre, "未通过，继续整改", { status: 422, name: "not-accepted-without-reason" });
  await press(centre, "通过复查", { name: "accepted" });
  assert.match(await said(centre), /复查通过/);
});

step("strangers read what was inspected and how it went, and no more", async () => {
  await open(anyone, "/inspection-results", { name: "results" });
  await anyone.getByRole("link", { name: /示例榕城技工学校\s*，日常检查/ }).first().click();
  await open(anyone, new URL(anyone.url()).pathname, { name: "result" });
  const text = await said(anyone);
  assert.match(text, /已整改/);
  assert.doesNotMatch(text, /示例督导甲|公示栏/);
  await open(anyone, "/inspection-items", { name: "items" });
});
