// Assessors in single groups and recordings as a list, with the keyboard and without script: the clerk puts each of the people into the
// group that is arranged, is told of who was forgotten, and sends what the recorders wrote, of which one row is wrong.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, tabTo, visit } from "./lib.mjs";

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

/** Follows a link that Tab reaches. */
async function follow(page, link, expected) {
  await tabTo(page, link);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await check(page, expected);
}

test("the clerk assigns each of the people to a group, and both pages count alike", async () => {
  const clerk = await visit(browser, demo.origin, { as: "lizhou-clerk", script: false });
  await open(clerk, "/batches", { name: "batches" });
  await follow(clerk, clerk.getByRole("row").filter({ hasText: "2026年3月23日" }).getByRole("link").first(), { name: "batch" });
  const batch = new URL(clerk.url()).pathname;
  await open(clerk, `${batch}/assignment`, { name: "assignment" });
  assert.match(await said(clerk), /按编排同场/);
  const rows = await clerk.locator("select[name='post[]']").count();
  // The choice of a place of the part that takes in most of its groups: at all its times, where it has several.
  const groupOf = async (part) => {
    const choices = await clerk.locator("select[name='groups[]']").first().locator("option").all();
    let found = [];
    for (const choice of choices) {
      const [label, value] = [await choice.innerText(), (await choice.getAttribute("value")).split(",")];
      if (label.startsWith(part) && /^\d+$/.test(value[0]) && value.length > found.length) found = value;
    }
    assert.notEqual(found.length, 0, `no group of ${part}`);
    return found.join(",");
  };
  const practical = await groupOf("实操");
  const assessors = [];
  for (let row = 0; row < rows; row += 1) {
    const post = await clerk.locator("select[name='post[]']").nth(row).inputValue();
    const name = await clerk.locator("input[name='name[]']").nth(row).inputValue();
    if (post.startsWith("practical/") && name !== "") assessors.push(row);
  }
  assert.ok(assessors.length >= 3, "three assessors at least");
  // All but one: the one who was forgotten is named.
  for (const row of assessors.slice(1)) await clerk.locator("select[name='groups[]']").nth(row).selectOption(practical);
  await press(clerk, "保存调整", { status: 422, name: "assignment-one-forgotten" });
  assert.match(await said(clerk), /没有分到操作技能考核的考场或组/);
  const first = clerk.locator("select[name='groups[]']").nth(assessors[0]);
  assert.equal(await clerk.locator("select[name='groups[]']").nth(assessors[1]).inputValue(), practical, "what was chosen stays");
  await tabTo(clerk, first);
  await first.selectOption(practical);
  const save = clerk.getByRole("button", { name: "保存调整" });
  await tabTo(clerk, save);
  await Promise.all([clerk.waitForEvent("load"), clerk.keyboard.press("Enter")]);
  await check(clerk, { name: "assignment-by-groups" });
  assert.match(await said(clerk), /各考场和组.*（组长）/);
  await open(clerk, `${batch}/arrangement`, { name: "arrangement" });
  assert.match(await said(clerk), /按编排，同场\d+组.*至少 \d+ 名，已安排 \d+ 名/);
});

test("the clerk sends a list of recordings, and the row that is wrong is told", async () => {
  const head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  await head.goto("/work");
  const task = head.getByRole("link", { name: /了结异常情况/ }).first();
  const batch = (await task.getAttribute("href")).match(/^\/batches\/\d+/)[0];
  const clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  await open(clerk, `${batch}/recordings`, { name: "recordings" });
  const room = await clerk.getByRole("region", { name: "各考场的录像" }).getByRole("rowheader").first().innerText();
  await press(clerk, "导入录像清单", { status: 422, name: "recordings-without-a-file" });
  const list = `考场,摄像头,录像从,录像到,文件名,存放位置\n${room},走廊3号,08:20,10:30,ch03.mp4,硬盘录像机3号\n示例教学楼999,前门,08:20,10:00,,硬盘录像机3号\n`;
  await clerk.locator("#file").setInputFiles({ name: "录像清单.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
  await press(clerk, "导入录像清单", { name: "recordings-listed" });
  assert.match(await said(clerk), /读入 2 行：登记 \d+ 段录像.*有 1 处需要改正/);
  assert.match(await said(clerk), /走廊3号.*ch03\.mp4/);
  assert.match(await said(clerk), /本批次没有考场“示例教学楼999”/);
  const file = await clerk.context().request.get(`${batch}/recordings/template.xlsx`);
  assert.equal((await file.body()).subarray(0, 2).toString("latin1"), "PK");
});
