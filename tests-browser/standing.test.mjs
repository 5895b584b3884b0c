// How a body stands in the directory: it tells of a change, applies for one, gives an occupation up, leaves; the department
// stops one and lets it go on. By the forms of the pages, without their script; the public page is looked at in between.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, download, open, pdfPages, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;
let clerk;
let head;
let centre;
let department;
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
  clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk", script: false });
  head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
  department = await visit(browser, demo.origin, { as: "fujian-department", script: false });
  anyone = await visit(browser, demo.origin);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const pdf = { name: "更名批复.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nexample") };
const said = async (page) => (await page.locator("#main").innerText()).replaceAll(/\s+/g, " ");

/** Opens the part of the page with this heading; without script it is the browser's own. */
async function unfold(page, words) {
  const part = page.locator("details.more", { has: page.locator("summary", { hasText: words }) });
  if ((await part.getAttribute("open")) === null) await part.locator("summary").click();
  return part;
}

/** The directory's page of a body, by its name. */
async function entryOf(page, name) {
  await page.goto("/directory");
  await page.getByRole("link", { name: new RegExp(name) }).first().click();
  await page.waitForURL(/\/directory\/Y\d+/);
  return new URL(page.url()).pathname;
}

step("a body sees how it stands, and why it can't renew yet", async () => {
  await open(head, "/standing", { name: "own-standing" });
  const text = await said(head);
  assert.match(text, /备案有效/);
  assert.match(text, /2028年6月18日 周日 起可以申请延期/);
  assert.equal(await head.getByRole("button", { name: "申请延期" }).count(), 0);
});

step("a new name is applied for with its document, and the centre approves", async () => {
  await open(clerk, "/standing", { name: "standing-clerk" });
  let form = await unfold(clerk, "申请变更");
  await form.getByLabel("变更后的内容").fill("示例新榕城技工学校");
  await form.getByLabel("原因").fill("经批准更名");
  await press(clerk, "提交申请", { status: 422, name: "change-without-document" });
  assert.equal(await clerk.getByLabel("变更后的内容").nth(1).inputValue(), "示例新榕城技工学校", "what was typed is kept");
  form = await unfold(clerk, "申请变更");
  await form.getByLabel("证明文件").setInputFiles(pdf);
  await press(clerk, "提交申请", { name: "change-applied" });

  await open(centre, "/work", { name: "work-centre" });
  await centre.getByRole("link", { name: /示例榕城技工学校.*变更|变更.*示例榕城技工学校/ }).first().click();
  await check(centre, { name: "change-review" });
  // Another change waits on the same page; each has its own form below its heading.
  const decide = async (words, expected) => {
    const form = centre.locator('xpath=//h2[contains(., "机构名称")]/following-sibling::form[1]');
    await Promise.all([centre.waitForEvent("load"), form.getByRole("button", { name: words, exact: true }).click()]);
    await check(centre, expected);
  };
  await decide("不同意", { status: 422, name: "change-refused-without-reason" });
  await decide("同意变更", { name: "change-approved" });

  const path = await entryOf(anyone, "示例新榕城技工学校");
  await open(anyone, path, { name: "entry-renamed" });
  assert.match(await said(anyone), /机构名称由示例榕城技工学校变更为示例新榕城技工学校/);
});

step("who is responsible is told, not asked", async () => {
  await open(head, "/standing", { name: "standing-before-telling" });
  const form = await unfold(head, "告知变更");
  await form.getByLabel("变更后的内容").fill("示例负责");
  await form.getByLabel("原因", { exact: true }).fill("人事调整");
  await press(head, "告知主管中心", { name: "change-told" });
  assert.match(await said(head), /负责人 示例负责/);
});

step("a body with batches under way can't leave, nor drop what they examine", async () => {
  await open(head, "/standing");
  const exit = await unfold(head, "自愿退出目录");
  await exit.getByLabel("原因").fill("不再开办");
  await press(head, "退出目录", { status: 422, name: "exit-refused" });
  assert.match(await head.locator(".refusal").innerText(), /二（一）3/);
});

step("the department stops a body, strangers read it at once, and it goes on when the stop is lifted", async () => {
  const path = await entryOf(department, "示例沙溪高级技工学校");
  await open(department, path, { name: "entry-department" });
  await department.getByRole("link", { name: "办理这所机构的备案情形" }).click();
  await check(department, { name: "standing-department" });
  let form = await unfold(department, "停止试点");
  await form.getByLabel("违规的事实").fill("委托他人组织考试");
  await press(department, "停止试点", { status: 422, name: "stop-without-document" });
  form = await unfold(department, "停止试点");
  await form.getByLabel("决定文号").fill("示例人社监〔2026〕3号");
  await press(department, "停止试点", { name: "stopped" });
  await open(anyone, path, { name: "entry-stopped" });
  assert.match(await said(anyone), /已移出目录.*委托他人组织考试/);

  await department.goto(path);
  await department.getByRole("link", { name: "办理这所机构的备案情形" }).click();
  form = await unfold(department, "恢复");
  await form.getByLabel("恢复的理由").fill("复议撤销");
  await form.getByLabel("决定文号").fill("示例政复〔2026〕1号");
  await press(department, "恢复", { name: "lifted" });
  await open(anyone, path, { name: "entry-lifted" });
  assert.match(await said(anyone), /备案有效/);

  const other = await visit(browser, demo.origin, { as: "xiamen-centre", script: false });
  await open(other, path, { name: "entry-other-centre" });
  assert.equal(await other.getByRole("link", { name: "办理这所机构的备案情形" }).count(), 0, "out of reach");
  await other.context().close();
});

step("a body whose validity ends asks for renewal, is evaluated and gets a receipt that says until when", async () => {
  const ending = await visit(browser, demo.origin, { as: "lizhou-head", script: false });
  const province = await visit(browser, demo.origin, { as: "fujian-centre", script: false });
  await open(ending, "/standing", { name: "standing-ending" });
  assert.match(await said(ending), /请在2026年5月31日 周日 前申请/);
  await press(ending, "申请延期", { status: 422, name: "renewal-without-words" });
  await ending.getByRole("textbox", { name: "备案期内的工作情况" }).fill("开展七批，无投诉，档案齐全");
  await press(ending, "申请延期", { name: "renewal-applied" });

  await open(province, "/work", { name: "work-renewal" });
  await province.getByRole("link", { name: /示例荔洲技师学院.*延期|延期.*示例荔洲技师学院/ }).first().click();
  await check(province, { name: "renewal-review" });
  await press(province, "评估合格", { status: 422, name: "evaluated-without-opinion" });
  await province.getByRole("textbox", { name: "评估意见" }).fill("批次、档案、证书数据均可查询");
  await press(province, "评估合格", { name: "renewal-evaluated" });
  await press(province, "不予延期", { status: 422, name: "renewal-refused-without-reason" });
  await press(province, "予以延期", { name: "renewal-decided" });

  await open(ending, "/standing", { name: "standing-renewed" });
  assert.match(await said(ending), /有效期至 2029年5月31日/);
  const receipt = await download(ending, "下载回执");
  assert.match(pdfPages(receipt.bytes).join(), /2029年5月31日/);
  const path = await entryOf(anyone, "示例荔洲技师学院");
  await open(anyone, path, { name: "entry-renewed" });
  assert.match(await said(anyone), /2029年5月31日/);
  await ending.context().close();
  await province.context().close();
});

step("a body without anything under way drops an occupation, then leaves; the past stays to be read", async () => {
  const administrator = await visit(browser, demo.origin, { as: "administrator", script: false });
  await open(administrator, "/admin/accounts", { name: "accounts" });
  await administrator.getByLabel("单位").last().selectOption({ label: "示例西源技工学校" });
  await administrator.getByLabel("角色").last().selectOption({ label: "机构负责人" });
  await administrator.getByRole("textbox", { name: "登录名" }).last().fill("xiyuan-exit");
  await administrator.getByRole("textbox", { name: "姓名" }).last().fill("示例负责人");
  await administrator.getByLabel("初始密码").last().fill("示例 初始 密码 一二三四");
  await press(administrator, "开设账号", { name: "account-opened" });
  await administrator.context().close();

  const owner = await visit(browser, demo.origin, { script: false });
  const signIn = async (password) => {
    await owner.goto("/sign-in");
    await owner.getByLabel("登录名").fill("xiyuan-exit");
    await owner.getByLabel("密码").fill(password);
    await Promise.all([owner.waitForEvent("load"), owner.locator('form[action="/sign-in"] button').click()]);
  };
  await signIn("示例 初始 密码 一二三四");
  await check(owner, { name: "first-password" });
  await owner.getByLabel("当前密码").fill("示例 初始 密码 一二三四");
  await owner.getByLabel("新密码", { exact: true }).fill("示例 自己 密码 一二三四");
  await owner.getByLabel("再输一次新密码").fill("示例 自己 密码 一二三四");
  await press(owner, "修改密码", { name: "password-changed" });
  await signIn("示例 自己 密码 一二三四");

  await open(owner, "/standing", { name: "standing-of-owner" });
  let form = await unfold(owner, "减少职业");
  for (const level of ["五级/初级工", "四级/中级工"]) await form.getByLabel(`茶叶加工工 ${level}`).check();
  await form.getByLabel("原因").fill("不再开设");
  await press(owner, "减少所选的职业", { name: "dropped" });
  form = await unfold(owner, "自愿退出目录");
  await form.getByLabel("原因").fill("不再开办");
  await press(owner, "退出目录", { name: "left" });

  const path = await entryOf(anyone, "示例西源技工学校");
  const today = (await anyone.locator("aside.demo").textContent()).match(/(\d+)年(\d+)月(\d+)日/);
  const before = [today[1], today[2].padStart(2, "0"), today[3].padStart(2, "0")].join("-");
  await Promise.all([owner.waitForEvent("load"), owner.getByRole("button", { name: "下一个工作日" }).click()]);
  await open(anyone, path, { name: "entry-left" });
  assert.match(await said(anyone), /已移出目录.*自愿退出/);
  await open(anyone, `${path}?on=${before}`, { name: "entry-before" });
  assert.match(await said(anyone), /备案有效.*茶艺师/);
  await owner.context().close();
});
