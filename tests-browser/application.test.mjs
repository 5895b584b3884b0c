// The whole application with the keyboard alone: Tab, arrows, Enter, the space bar and what is typed. No mouse and no click made by script. On the way
// the session ends once, and a second tab saves in between: nothing that was typed is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const school = "rongcheng";
const file = (name, text) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
const pdf = (name) => file(name, "%PDF-1.7\nexample");

/** Goes forward by Tab alone until the focus is on this field, link or button; from the end of the page on to its beginning. */
async function reach(page, place) {
  for (let pressed = 0; pressed < 600; pressed += 1) {
    if (await place.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${place}`);
}

/** Types into a field in place of what is there. A day is typed as this browser shows it: month, day, year. */
async function type(page, label, text) {
  const field = page.getByLabel(label, { exact: true });
  await reach(page, field);
  if ((await field.getAttribute("type")) === "date") {
    const [year, month, day] = text.split("-");
    await page.keyboard.type(`${month}${day}${year}`);
  } else {
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.press("Delete");
    await page.keyboard.type(text);
  }
  assert.equal(await field.inputValue(), text, label);
}

/** Chooses in a list by arrows. */
async function choose(page, label, words) {
  const field = page.getByLabel(label, { exact: true });
  await reach(page, field);
  await page.keyboard.press("Home");
  const chosen = () => field.evaluate((select) => select.selectedOptions[0].textContent.trim());
  for (let pressed = 0; !(await chosen()).startsWith(words); pressed += 1) {
    assert.ok(pressed < 60, `${words} is in the list ${label}`);
    await page.keyboard.press("ArrowDown");
  }
}

/** Presses Enter on a link or a button and waits for the page behind it. */
async function enter(page, place, expected) {
  await reach(page, place);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  await check(page, expected);
}

const link = (page, name) => page.getByRole("link", { name, exact: true }).first();
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Gives a file to the field that asks for one, from the keyboard, and sends it; the answer comes without a load. */
async function send(page, words, given, arrived) {
  await reach(page, page.locator('input[type="file"]'));
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(given);
  await reach(page, button(page, words));
  await page.keyboard.press("Enter");
  await arrived();
}

test("a clerk completes an application with the keyboard alone", async () => {
  const page = await visit(browser, demo.origin);
  // Whoever listens from the beginning misses no question for a file.
  page.on("filechooser", () => {});
  await page.goto("/demo");
  await enter(page, page.locator(`form:has(input[name="login"][value="${school}-clerk"]) button`), { name: "work" });
  await enter(page, link(page, "备案"), { name: "filings" });
  await enter(page, link(page, "开始新的备案申请"), { name: "new" });
  await enter(page, button(page, "开始备案申请"), { name: "home" });
  const home = new URL(page.url()).pathname;

  // The body: what is missing is said at the top and at its field.
  await enter(page, link(page, "机构信息"), { name: "body" });
  await type(page, "联系电话", "");
  await enter(page, button(page, "保存机构信息"), { status: 422, name: "body-faults" });
  assert.match(await page.locator(".errors").textContent(), /请先改正 2 处.*缺少联系电话.*缺少主干专业/s);
  await reach(page, link(page, "缺少主干专业。请填写主干专业"));
  await page.keyboard.press("Enter");
  await page.waitForURL(/#majors$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "majors", "the fault leads to its field");
  await page.keyboard.type("烹饪（中式烹调）、电子商务");
  await type(page, "联系电话", "0591-00000001");
  await enter(page, button(page, "保存机构信息"), { name: "body-saved" });

  // The plan: an occupation is looked up; two faults come back with everything that was typed.
  await enter(page, link(page, "拟备案职业与等级"), { name: "trades" });
  await type(page, "不知道全称或代码？", "茶艺");
  await enter(page, button(page, "查找职业"), { name: "trades-found" });
  await type(page, "第1行，职业代码或全称", "茶艺师");
  await type(page, "第1行，对应的主干专业，几个用顿号分开", "烹饪（中式烹调）、茶艺");
  await type(page, "第1行，年规模", "很多");
  await enter(page, button(page, "保存职业与等级"), { status: 422, name: "trades-faults" });
  assert.match(await page.locator(".errors").textContent(), /请先改正 2 处/);
  assert.equal(await page.getByLabel("第1行，职业代码或全称", { exact: true }).inputValue(), "茶艺师");
  await choose(page, "第1行，等级", "四级");
  await type(page, "第1行，年规模", "120");
  await enter(page, button(page, "保存职业与等级"), { name: "trades-saved" });

  // People come out of a table; one row of it is wrong.
  await enter(page, link(page, "人员队伍"), { name: "people" });
  await enter(page, link(page, "从表格导入"), { name: "people-import" });
  const staff = "姓名,类别,职业,最高等级,证卡编号,证卡有效期至\n示例甲,考评员,茶艺师,三级,1,2028-12-31\n示例乙,考评员,茶艺师,三级,2,2028-12-31\n示例丙,考评员,茶艺师,三级,3,2028-12-31\n示例丁,专职工作人员,,,,\n示例戊,质量督导员,,,4,2028-12-31\n示例己,考官,,,5,2028-12-31\n";
  await send(page, "导入", file("人员.csv", staff), () => page.waitForURL(/\/list-uploads\/\d+$/));
  await page.getByText("没有“考官”这一类别").waitFor();
  await check(page, { name: "people-imported" });
  await enter(page, link(page, "看人员队伍"), { name: "people-again" });

  // Two tabs: the second to save is shown what the first has saved, and keeps what it typed.
  const other = await page.context().newPage();
  await other.goto(`${home}/people`);
  await type(other, "第4行，姓名", "示例丁一");
  await reach(other, button(other, "保存人员队伍"));
  await Promise.all([other.waitForEvent("load"), other.keyboard.press("Enter")]);
  assert.equal(new URL(other.url()).pathname, home, "the first to save is done");
  await other.close();
  await page.bringToFront();
  await type(page, "第6行，姓名", "示例己");
  await choose(page, "第6行，类别", "专家");
  await type(page, "第6行，证卡编号", "5");
  await type(page, "第6行，证卡有效期至", "2028-12-31");
  await enter(page, button(page, "保存人员队伍"), { status: 422, name: "people-two-tabs" });
  assert.match(await page.locator("#theirs").textContent(), /示例丁一/, "what the other tab saved is shown");
  assert.equal(await page.getByLabel("第6行，姓名", { exact: true }).inputValue(), "示例己", "what was typed is kept");
  await type(page, "第4行，姓名", "示例丁一");
  await enter(page, button(page, "保存人员队伍"), { name: "people-saved" });

  // Rooms: the session ends while they are being typed.
  await enter(page, link(page, "场地设备监控"), { name: "sites" });
  await enter(page, button(page, "再加几行"), { name: "sites-more" });
  const places = [["示例理论考场", "理论考场", ""], ["示例实操工位", "实操工位", ""], ["示例设备", "设施设备", ""], ["示例摄像头", "视频监控", "180"]];
  for (const [at, [name, kind, days]] of places.entries()) {
    await type(page, `第${at + 1}行，名称`, name);
    await choose(page, `第${at + 1}行，类别`, kind);
    await type(page, `第${at + 1}行，座位、工位、设备或摄像头的数量`, "40");
    if (days) await type(page, `第${at + 1}行，录像保存天数，只对视频监控填写`, days);
  }
  await page.context().clearCookies();
  await enter(page, button(page, "保存场地设备监控"), { status: 401, name: "session-ended" });
  assert.match(await page.locator("main").textContent(), /没有丢失/);
  await choose(page, "演示环境不用密码：以原来的身份继续", "示例榕城技工学校");
  await enter(page, button(page, "继续"), { name: "sites-saved" });
  assert.equal(new URL(page.url()).pathname, home, "what was typed before the end has been saved");

  // Materials: one after the other, each by the keyboard.
  await enter(page, link(page, "申请材料"), { name: "materials" });
  for (let files = 1; await page.getByText(/还缺 \d+ 份必交材料/).isVisible(); files += 1) {
    assert.ok(files < 30, "the list of what is missing comes to an end");
    const name = `材料${files}.pdf`;
    await send(page, "上传", pdf(name), () => page.getByText(`已上传“${name}”`).waitFor());
  }
  await check(page, { name: "materials-complete" });

  await enter(page, page.getByRole("navigation", { name: "所在位置" }).getByRole("link").last(), { name: "complete" });
  assert.match(await page.locator("main").textContent(), /全部 11 项检查已完成 11 项/);
  assert.equal(await page.locator(".tasks .tag.ok").count(), 5, "every part is complete");
  assert.match(await page.locator("main").textContent(), /请机构负责人登录后提交/);
});
