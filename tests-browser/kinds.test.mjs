// Others than technical schools with their own filing: the department enters an organisation by what was announced, a
// school asks it for an examination, its head agrees; a batch for the school's students rests on that.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, today, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const pdf = { name: "示例.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nexample") };

test("a school that was selected gets a second number, is asked, agrees and notifies under it", async () => {
  const department = await visit(browser, demo.origin, { as: "fujian-department", script: false });
  await open(department, "/announcements", { name: "announcements" });
  await open(department, "/announcements/new", { name: "announcement-new" });
  await press(department, "列入目录", { status: 422, name: "announcement-refused" });
  const day = await today(department);
  await department.getByLabel("机构", { exact: true }).selectOption({ label: "示例荔洲技师学院（技工院校）" });
  await department.getByLabel("机构备案编号").fill("S000035000977");
  await department.getByLabel("文件文号").fill("示例人社公告〔2026〕1号");
  for (const [label, on] of [["文件日期", day], ["有效期起", day], ["有效期止", "2028-12-31"]]) await department.getByRole("textbox", { name: label }).fill(on);
  await department.getByLabel("第1行，职业代码或全称").fill("电子商务师");
  await department.getByLabel("第1行，等级").selectOption("4");
  await department.locator("#file").setInputFiles(pdf);
  await press(department, "列入目录", { name: "announcement-entered" });
  await open(department, "/directory?kind=social_organisation", { name: "directory-organisations" });
  await open(department, "/directory/S000035000977", { name: "directory-second-identity" });

  const school = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await open(school, "/cooperations", { name: "cooperations" });
  await open(school, "/cooperations/new", { name: "cooperation-new" });
  await school.getByLabel("企业或社会培训评价组织").selectOption("S000035000977");
  await press(school, "选定", { name: "cooperation-chosen" });
  await press(school, "提出需求", { status: 422, name: "cooperation-refused" });
  await school.getByLabel(/^电子商务师/).check();
  for (const [label, on] of [["合作期限起", day], ["合作期限止", "2026-12-31"], ["签署日期", day]]) await school.getByRole("textbox", { name: label }).fill(on);
  await school.getByLabel("预计人数").fill("30");
  await school.locator("#file").setInputFiles(pdf);
  await press(school, "提出需求", { name: "cooperation-proposed" });
  const path = new URL(school.url()).pathname;

  const head = await visit(browser, demo.origin, { as: "lizhou-head", script: false });
  await open(head, "/work", { name: "work-asked" });
  await open(head, path, { name: "cooperation-asked" });
  await press(head, "同意合作", { name: "cooperation-agreed" });
  await open(head, "/batches/new", { name: "batch-for-a-school" });
  const options = await head.getByLabel("依据的合作").locator("option").allTextContents();
  assert.ok(options.some((option) => option.includes("示例榕城技工学校")), options.join());

  const enterprise = await visit(browser, demo.origin, { as: "gushan-clerk", script: false });
  await open(enterprise, "/cooperations/new", { name: "agreement-new" });
  await open(enterprise, "/batches", { name: "batches-of-an-enterprise" });
  await enterprise.locator("tbody th a").first().click();
  await check(enterprise, { name: "batch-of-an-enterprise" });
  await open(enterprise, `${new URL(enterprise.url()).pathname}/roster`, { name: "roster-of-an-enterprise" });
});
