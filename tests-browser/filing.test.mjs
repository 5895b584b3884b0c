// Step 1: a school applies, is given back once, applies again, is assessed, consented to, gathered, reported, listed; the
// public sees it. Everything by the forms of the pages, without their script.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { check, open, press, startBrowser, startDemo, visit } from "./lib.mjs";

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

// A school of the demo with a clerk and a head, and its city's offices.
const [school, city] = ["rongcheng", "fuzhou"];
const pdf = { mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\nexample") };

/** Fills in one row of a table: every field by its name. */
async function fillRow(page, row, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`.rows [name="${name}[]"]`).nth(row);
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
}

test("a school without a filing gets on file, step by step", async () => {
  const page = await visit(browser, demo.origin, { as: `${school}-clerk`, script: false });
  await open(page, "/filings");
  await open(page, "/filings/new");
  await press(page, "开始备案申请");
  const home = new URL(page.url()).pathname;

  await open(page, "/majors");
  const majors = "专业代码,专业名称,培养层次,主干专业,开设年份\n0210,数控加工,高级工班,是,2016\n,没有代码,,,\n";
  await page.getByLabel("专业目录文件").setInputFiles({ name: "专业.csv", mimeType: "text/csv", buffer: Buffer.from(majors) });
  await press(page, "导入", { name: "majors-imported" });
  await open(page, "/majors", { name: "majors-again" });
  await open(page, `${home}/people/uploads`, { name: "people-import" });

  await open(page, `${home}/body`);
  await press(page, "保存机构信息", { status: 422, name: "body-refused" });
  await page.getByRole("textbox", { name: "主干专业" }).fill("烹饪（中式烹调）、数控加工");
  await press(page, "保存机构信息", { name: "body-saved" });

  await open(page, `${home}/trades`);
  await page.getByLabel("不知道全称或代码？").fill("茶艺");
  await press(page, "查找职业", { name: "trades-found" });
  const trade = { work_type: "", standard: "", papers: "国家题库", capacity: "120" };
  await fillRow(page, 0, { ...trade, trade: "茶艺师", level: "4", major: "烹饪（中式烹调）" });
  await fillRow(page, 1, { ...trade, trade: "4-03-02-07", level: "3", major: "烹饪（中式烹调）" });
  await fillRow(page, 2, { ...trade, trade: "车工", level: "4", major: "数控加工" });
  await press(page, "再加几行", { name: "trades-more" });
  await fillRow(page, 3, { ...trade, trade: "保安员", level: "4", major: "数控加工" });
  await press(page, "保存职业与等级", { status: 422, name: "trades-refused" });
  await fillRow(page, 3, { trade: "6-18-01-01", level: "3" });
  await press(page, "保存职业与等级", { name: "trades-saved" });
  await open(page, `${home}/trades`, { name: "trades-again" });

  await open(page, `${home}/people`);
  await press(page, "再加几行", { name: "people-more" });
  const card = { trade_code: "", level_max: "3", card_number: "示例证0001", card_valid_until: "2028-12-31" };
  const staff = [["示例甲", "assessor"], ["示例乙", "assessor"], ["示例丙", "assessor"], ["示例丁", "full_time"], ["示例戊", "inspector"], ["示例己", "expert"]];
  for (const [row, [name, kind]] of staff.entries()) await fillRow(page, row, { ...card, name, kind });
  await press(page, "保存人员队伍", { name: "people-saved" });

  await open(page, `${home}/sites`);
  await press(page, "再加几行", { name: "sites-more" });
  const places = [["示例理论考场", "theory_room", ""], ["示例实操工位", "practical_station", ""], ["示例设备", "equipment", ""], ["示例摄像头", "camera", "180"]];
  for (const [row, [name, kind, days]] of places.entries()) {
    await fillRow(page, row, { name, kind, trade_code: "", count: "40", note: "实训楼 2 层", days_kept: days });
  }
  await press(page, "保存场地设备监控", { name: "sites-saved" });

  await open(page, `${home}/materials`);
  for (let files = 0; await page.getByText(/还缺 \d+ 份必交材料/).isVisible(); files += 1) {
    assert.ok(files < 30, "the list of what is missing comes to an end");
    await page.getByLabel("文件", { exact: true }).setInputFiles({ ...pdf, name: `材料${files + 1}.pdf` });
    await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name: "上传", exact: true }).click()]);
  }
  await check(page, { name: "materials-complete" });
  await open(page, home, { name: "filing-complete" });

  const head = await visit(browser, demo.origin, { as: `${school}-head`, script: false });
  await open(head, "/work", { name: "work-head" });
  await open(head, home);
  await press(head, "提交备案申请", { name: "submitted" });
  const centre = await visit(browser, demo.origin, { as: `${city}-centre`, script: false });
  await open(centre, "/work", { name: "work-centre" });
  await open(centre, "/filings", { name: "filings-centre" });
  await open(centre, home, { name: "filing-centre" });
  await centre.getByText("退回院校补正").click();
  await centre.getByLabel("第1条理由，针对哪一部分或哪一行").selectOption({ label: "示例甲（考评人员）" });
  await centre.getByLabel("第1条理由，需要补正的内容").fill("证卡不清晰");
  await centre.getByLabel("退回理由").fill("收费管理办法缺少公示方式");
  await press(centre, "退回", { name: "given-back" });
  await open(head, home, { name: "returned" });
  await open(page, `${home}/people`, { name: "people-returned" });
  await page.getByLabel("第1行，证卡编号").fill("示例证0009");
  await press(page, "保存人员队伍", { name: "people-mended" });
  await press(head, "提交备案申请", { name: "submitted-again" });
  await open(centre, home, { name: "what-changed" });
  await press(centre, "受理", { name: "accepted" });
  for (const row of [0, 1, 2]) await centre.locator(`#decision-${row}-yes`).check();
  await centre.locator("#decision-3-no").check();
  await press(centre, "登记评估结论", { status: 422, name: "assessment-refused" });
  await centre.getByLabel("车工三级/高级工不合格的理由").fill("高级工实操设备数量不足");
  await press(centre, "登记评估结论", { name: "assessed" });

  const step = async (login, words) => {
    const officer = await visit(browser, demo.origin, { as: login, script: false });
    await open(officer, home, { name: `before-${login}` });
    await press(officer, words, { name: `after-${login}` });
    return officer;
  };
  await step(`${city}-bureau`, "同意备案");
  const provincial = await step("fujian-centre", "汇总并报省人社厅");
  const department = await visit(browser, demo.origin, { as: "fujian-department", script: false });
  await open(department, home, { name: "before-ministry" });
  await department.getByLabel("部级备案文号").fill("示例部备〔2025〕1号");
  const [today] = await department.locator("time").evaluateAll((times) => times.map((time) => time.dateTime).sort().slice(-1));
  await department.getByLabel("备案日期").fill(today);
  await press(department, "登记部级备案", { name: "after-ministry" });
  await press(department, "列入目录", { name: "listed" });
  await open(provincial, home, { name: "before-receipt" });
  await press(provincial, "发放回执", { name: "receipt" });

  await open(page, home, { name: "on-file" });
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "下载回执" }).click();
  assert.match((await download).suggestedFilename(), /Y000035\d{6}\.pdf/);
  const number = await page.locator(".facts .num").first().textContent();
  const anyone = await visit(browser, demo.origin);
  await open(anyone, "/directory");
  await open(anyone, `/directory/${number}`, { name: "directory-entry" });
});
