// Steps 2 to 9: one batch is lived through, from its notification to the chain behind a certificate. Days pass by the
// button of the demo; workbooks are the product's own templates, filled in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import xlsx from "@e965/xlsx";
import { unzipSync, zipSync } from "fflate";
import { readFileSync } from "node:fs";

import { check, download, open, pdfPages, press, startBrowser, startDemo, tabTo, visit, waitUntil } from "./lib.mjs";

const major = "烹饪（中式烹调）";
const trade = /^中式烹调师，四级/;

/** A number of the county that never was, with its check digit. */
function resident(born, order) {
  const body = `350199${born}${String(order).padStart(3, "0")}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + "10X98765432"[sum % 11];
}

// A class of twelve. One has a character that few fonts have; what becomes of them stands in `marks`.
const names = ["示例甲", "示例乙", "示例丙", "示例丁", "示例戊", "示例己", "示例庚", "示例辛", "王䶮", "示例壬", "示例癸", "示例子"];
const students = names.map((name, at) => ({
  name,
  number: resident(`2008${String(at + 1).padStart(2, "0")}15`, 901 + at),
  no: `2023S${String(at + 1).padStart(3, "0")}`,
  phone: `1990009${String(at + 1).padStart(4, "0")}`,
}));
const [objected, failed, absent, returned, rare] = [students[1], students[2], students[3], students[7], students[8]];
const marks = new Map(students.map((student, at) => [student, { 理论成绩: 70 + at, 实操成绩: 75 + at }]));
marks.set(failed, { 理论成绩: 52, 实操成绩: 81 });
marks.set(absent, { 理论成绩: "缺考", 实操成绩: "缺考" });

const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** The first sheet of a workbook, one object a row. */
function tableOf({ bytes }) {
  const book = xlsx.read(bytes);
  return xlsx.utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { defval: "" });
}

/** Fills in a template: the rows go below its headings, each value under its own. Gives a file to upload. */
function fillIn({ bytes }, name, rows) {
  const book = xlsx.read(bytes);
  const sheet = book.Sheets[book.SheetNames[0]];
  const [headings] = xlsx.utils.sheet_to_json(sheet, { header: 1 });
  const bare = headings.map((heading) => String(heading).replaceAll(/[*＊\s]/g, ""));
  for (const row of rows) for (const key of Object.keys(row)) assert.ok(bare.includes(key), `the template has no column ${key}`);
  xlsx.utils.sheet_add_aoa(sheet, rows.map((row) => bare.map((heading) => row[heading] ?? "")), { origin: 1 });
  return { name, mimeType: kind, buffer: xlsx.write(book, { type: "buffer", bookType: "xlsx" }) };
}

/** The rows of the findings as the page shows them. */
function findings(page) {
  return page.locator(".findings tbody tr").evaluateAll((rows) =>
    rows.map((row) => Object.fromEntries([...row.cells].map((cell) => [cell.dataset.label, cell.textContent.trim()]))),
  );
}

/** The row of a student in a list, which shows the end of the number alone. */
function row(page, { number }) {
  return page.locator("tbody tr").filter({ hasText: `*${number.slice(-4)}` });
}

/** A step of the path; once one has failed, those that build on it are skipped. */
function step(name, run) {
  test(name, async (t) => {
    if (broken) return t.skip("an earlier step failed");
    broken = true;
    await run();
    broken = false;
  });
}
let broken = false;

const said = (page) => page.locator("#main").innerText();

let demo;
let browser;
let clerk;
let head;
let centre;
let batch;
let starts;
let publicPath;
let certificate;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
  clerk = await visit(browser, demo.origin, { as: "rongcheng-clerk" });
  head = await visit(browser, demo.origin, { as: "rongcheng-head", script: false });
  centre = await visit(browser, demo.origin, { as: "fuzhou-centre", script: false });
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

step("2: a batch is notified by keyboard alone; too early is refused with the earliest day", async () => {
  await open(clerk, "/work", { name: "work-clerk" });
  await open(clerk, "/batches", { name: "batches-school" });
  await tabTo(clerk, clerk.getByRole("link", { name: "通报新批次" }));
  await Promise.all([clerk.waitForURL("**/batches/new"), clerk.keyboard.press("Enter")]);
  await check(clerk, { name: "notification" });
  const earliest = await clerk.locator("p.lead time").getAttribute("datetime");

  const scope = clerk.getByLabel("职业、等级与标准");
  await tabTo(clerk, scope);
  const labels = await scope.locator("option").allTextContents();
  for (let at = labels.findIndex((label) => trade.test(label)); at > 0; at -= 1) await clerk.keyboard.press("ArrowDown");
  const type = async (label, text) => {
    const role = { 预计人数: "spinbutton", 工作计划: "textbox" }[label] ?? "combobox";
    await tabTo(clerk, clerk.getByRole(role, { name: label }));
    await clerk.keyboard.type(text);
  };
  const tooEarly = previousDay(earliest);
  await typeDay(clerk, "开展日期", tooEarly);
  await type("理论考场", "教学楼2层标准化考场201");
  await type("实操考场", "烹饪（中式烹调）实训车间1层");
  await type("预计人数", "12");
  await type("工作计划", "面向毕业年级学生，理论机考、实操现场考核，全程录像。");
  await tabTo(clerk, clerk.getByRole("button", { name: "通报", exact: true }));
  await clerk.keyboard.press("Enter");
  await clerk.locator(".refusal").waitFor();
  await check(clerk, { status: 422, name: "notified-too-early" });
  const refusal = await clerk.locator(".refusal").innerText();
  assert.match(refusal, /二（二）1/, "the clause");
  const [year, month, day] = earliest.split("-").map(Number);
  assert.match(refusal, new RegExp(`${year}年${month}月${day}日|${earliest}`), "the earliest day");
  assert.match(await scope.locator("option:checked").textContent(), trade, "what was chosen is kept");
  assert.equal(await clerk.getByLabel("开展日期").inputValue(), tooEarly);
  assert.equal(await clerk.getByLabel("理论考场").inputValue(), "教学楼2层标准化考场201");
  assert.equal(await clerk.getByRole("textbox", { name: "工作计划" }).inputValue(), "面向毕业年级学生，理论机考、实操现场考核，全程录像。");

  await typeDay(clerk, "开展日期", earliest);
  await tabTo(clerk, clerk.getByRole("button", { name: "通报", exact: true }));
  await clerk.keyboard.press("Enter");
  await clerk.waitForURL(/\/batches\/\d+$/);
  batch = new URL(clerk.url()).pathname;
  starts = earliest;
  await check(clerk, { name: "notified" });
  assert.match(await said(clerk), /中式烹调师/);
});

/** Types a day into a field of days, reached by Tab from wherever the focus is. */
async function typeDay(page, label, day) {
  const field = page.getByLabel(label);
  await tabTo(page, field);
  const [year, month, date] = day.split("-");
  await page.keyboard.type(month + date + year);
  assert.equal(await field.inputValue(), day);
}

function previousDay(day) {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

step("2: the centre in charge sees the batch, another does not", async () => {
  const { status } = await centre.goto(batch).then((answer) => ({ status: answer.status() }));
  assert.equal(status, 200);
  await check(centre, { name: "batch-centre" });
  await open(centre, "/work", { name: "work-centre" });
  await open(centre, "/batches", { name: "batches-centre" });
  assert.equal(await centre.locator(`a[href="${batch}"]`).count(), 1);

  const other = await visit(browser, demo.origin, { as: "xiamen-centre", script: false });
  await open(other, "/batches", { name: "batches-other-centre" });
  assert.equal(await other.locator(`a[href="${batch}"]`).count(), 0);
  await open(other, batch, { status: 404, name: "batch-other-centre" });
  await other.context().close();
});

step("3: the class enters the register of students", async () => {
  await open(clerk, "/enrolment");
  const rows = students.map(({ name, number, no }) => ({
    学号: no, 姓名: name, 证件类型: "居民身份证", 证件号码: number, 专业: major, 班级: "2023级2班", 培养层次: "中级工班", 入学年月: "2023-09", 毕业年月: "2026-07",
  }));
  const register = fillIn(await download(clerk, "下载空白表"), "学籍名册.xlsx", rows);
  await clerk.getByLabel("学籍名册文件").setInputFiles(register);
  await clerk.getByRole("button", { name: "上传并检查" }).click();
  await clerk.waitForURL(/\/enrolment\/uploads\/\d+$/);
  await clerk.getByText("没有发现问题").waitFor();
  await check(clerk, { name: "register-uploaded" });
});

step("3: a roster with faults: each is named, good rows are kept; the corrected file changes only what was wrong", async () => {
  await open(clerk, `${batch}/roster`, { name: "roster-empty" });
  const template = await download(clerk, "下载简表");
  const right = students.map(({ name, number, no, phone }) => ({ 姓名: name, 证件类型: "居民身份证", 证件号码: number, 学号: no, 手机号码: phone }));
  const wrongDigit = students[4].number.slice(0, 17) + ((Number(students[4].number[17].replace("X", "0")) + 1) % 10);
  const stranger = resident("20080707", 990);
  const wrong = right.map((row) => ({ ...row }));
  wrong[4].证件号码 = wrongDigit;
  wrong[5].姓名 = "示例已";
  wrong.push({ 姓名: "示例丑", 证件类型: "居民身份证", 证件号码: stranger, 学号: "2023S999", 手机号码: "19900099999" });
  wrong.push({ ...right[0] });

  // As the clerk's browser sends it, with script; the second time without.
  await clerk.getByLabel("报名名册文件").setInputFiles(fillIn(template, "报名名册.xlsx", wrong));
  await clerk.getByRole("button", { name: "上传并检查" }).click();
  await clerk.waitForURL(/\/roster\/uploads\/\d+$/);
  await clerk.locator(".findings").first().waitFor();
  await check(clerk, { name: "roster-findings" });
  const found = await findings(clerk);
  const place = (f) => `${f.行} ${f.列.split(" ")[0]}`;
  const expected = [["6 C", wrongDigit], ["7 A", "示例已"], ["14 C", stranger], ["15 C", students[0].number]];
  for (const [where, value] of expected) {
    const one = found.find((f) => place(f) === where);
    assert.ok(one, `a finding at ${where} among ${found.map(place)}`);
    assert.equal(one.填的是, value);
    for (const word of ["工作表", "列", "问题", "怎么改"]) assert.ok(one[word].length > 1, `${where} says ${word}`);
  }
  assert.equal(found.length, expected.length, JSON.stringify(found, null, 1));

  const marked = await download(clerk, "下载标注好的文件");
  assert.equal(marked.name, "报名名册（已标注）.xlsx");
  const book = xlsx.read(marked.bytes);
  const words = JSON.stringify(book.SheetNames.map((name) => xlsx.utils.sheet_to_json(book.Sheets[name], { header: 1 })));
  for (const { 问题 } of found) assert.ok(words.includes(问题.split("（")[0]), `the marked-up workbook says: ${问题}`);

  await open(clerk, `${batch}/roster`, { name: "roster-in-part" });
  await clerk.getByLabel("报名名册文件").setInputFiles(fillIn(template, "报名名册.xlsx", right));
  await clerk.getByRole("button", { name: "上传并检查" }).click();
  await clerk.getByText("没有发现问题").waitFor();
  await check(clerk, { name: "roster-corrected" });
  const numbers = await clerk.locator(".stats dd").allTextContents();
  assert.deepEqual(numbers.map((text) => parseInt(text, 10)), [12, 2, 0, 10, 0], "read, new, changed, the same, faults");
});

step("3: photos arrive as one ZIP; the roster is complete", async () => {
  const photos = students.map(({ number }, at) => [`${number}.jpg`, new Uint8Array(readFileSync(new URL(`../demo/photos/${(at % 6) + 1}.jpg`, import.meta.url)))]);
  await clerk.goto(`${batch}/roster`);
  await clerk.getByLabel("照片压缩包").setInputFiles({ name: "照片.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(Object.fromEntries(photos))) });
  await clerk.getByRole("button", { name: "上传照片" }).click();
  await clerk.locator(".flash").waitFor();
  await check(clerk, { name: "photos-uploaded" });
  await open(clerk, batch, { name: "batch-ready" });
  await open(centre, `${batch}/roster`, { name: "roster-centre" });
});

step("4: marks by workbook, faults named; the rest by form", async () => {
  await waitUntil(clerk, starts);
  await open(clerk, batch, { name: "batch-exam-day" });
  await open(clerk, `${batch}/marks`, { name: "marks-empty" });
  const template = await download(clerk, "下载成绩登记表");
  const late = students.slice(9);
  const inRoster = new Map(students.map((student) => [student.number, student]));
  const rows = tableOf(template).map(({ 姓名, 证件号码 }) => {
    const student = inRoster.get(证件号码);
    return { 姓名, 证件号码, ...(late.includes(student) ? {} : marks.get(student)), ...(student === students[0] && { 实操成绩: 105 }) };
  });
  await clerk.getByLabel("成绩表").setInputFiles(fillIn(template, "成绩.xlsx", rows));
  await clerk.getByRole("button", { name: "上传并检查" }).click();
  await clerk.locator(".flash").waitFor();
  await check(clerk, { name: "marks-findings" });
  const [fault, ...others] = await findings(clerk);
  assert.equal(fault.填的是, "105");
  assert.deepEqual(others.map((other) => other.填的是), late.map(() => "（空）"), "whoever has no mark yet is named");
  await clerk.goto(`${batch}/marks`);

  // By keyboard: from field to field, then Enter on the button.
  const form = [students[0], ...late];
  for (const student of form) {
    const fields = await row(clerk, student).locator("input[type=text]").all();
    for (const [at, mark] of Object.values(marks.get(student)).entries()) {
      if ((await fields[at].inputValue()) !== "") continue;
      await tabTo(clerk, fields[at]);
      await clerk.keyboard.type(String(mark));
    }
  }
  await tabTo(clerk, clerk.getByRole("button", { name: "保存成绩" }));
  await Promise.all([clerk.waitForEvent("load"), clerk.keyboard.press("Enter")]);
  await check(clerk, { name: "marks-complete" });
  assert.match(await said(clerk), /成绩已齐/);
});

step("5: the head posts the results; anyone sees them masked and may object", async () => {
  await open(clerk, `${batch}/publicity`, { name: "publicity-clerk" });
  await open(head, "/work", { name: "work-head" });
  await open(head, `${batch}/marks/second-entry`, { name: "marks-second-entry" });
  await open(head, `${batch}/marks/confirmation`, { name: "marks-confirmation" });
  await press(head, "全部 12 人已核对，一并确认", { name: "marks-confirmed" });
  await open(head, `${batch}/publicity`, { name: "publicity-before" });
  await press(head, "公示 12 人的结果", { name: "publicity-posted" });
  publicPath = await head.locator('a[href^="/publicity/"]').first().getAttribute("href");

  const anyone = await visit(browser, demo.origin, { script: false });
  await open(anyone, "/publicity", { name: "public-lists" });
  await open(anyone, publicPath, { name: "public-list" });
  const text = await anyone.locator("body").innerText();
  for (const { name, number } of students) {
    assert.ok(!text.includes(name), `${name} is masked`);
    assert.ok(!text.includes(number) && !text.includes(number.slice(6, 14)), `${number} is masked`);
  }
  await press(anyone, "提出异议", { status: 422, name: "objection-incomplete" });
  await anyone.getByLabel("名单中的序号").fill("2");
  await anyone.getByLabel("哪里不对，依据是什么").fill("该考生实操考核当日不在场");
  await anyone.getByLabel("联系方式").fill("示例联系方式");
  await press(anyone, "提出异议", { name: "objection-receipt" });
  const receipt = (await anyone.locator(".verdict .num").textContent()).trim();
  assert.match(receipt, /^YY\d{8}-\d{4}-[0-9A-Z]{8}$/);
  await anyone.goto(`/objections?receipt=${receipt}`);
  await check(anyone, { name: "objection-open" });

  await open(head, `${batch}/publicity`, { name: "objection-to-answer" });
  await head.getByLabel("核查情况与理由").fill("经核对签到表和录像，该考生全程参加考核。");
  await press(head, "异议不成立，恢复上报", { name: "objection-answered" });
  await anyone.goto(`/objections?receipt=${receipt}`);
  await check(anyone, { name: "objection-decided" });
  assert.match(await said(anyone), /经核对签到表和录像/);
  await anyone.goto("/objections?receipt=YY20260101-9999-AAAAAAAA");
  await check(anyone, { status: 422, name: "objection-unknown" });

  const sheet = await download(head, "下载公示名单 PDF");
  const pages = pdfPages(sheet.bytes).join("");
  assert.ok(pages.includes("公示") && !students.some(({ name, number }) => pages.includes(name) || pages.includes(number)));

  const ends = await head.locator(".lead").first().innerText();
  const [, year, month, day] = ends.match(/至\s*(\d+)年(\d+)月(\d+)日/);
  await waitUntil(head, [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-"));
  await open(anyone, publicPath, { name: "public-list-last-day" });
  await Promise.all([head.waitForEvent("load"), head.getByRole("button", { name: "下一个工作日" }).click()]);
  await open(anyone, publicPath, { status: 410, name: "public-list-gone" });
  await anyone.context().close();
});

step("6: the head reports; the centre returns one person with reasons and approves the others", async () => {
  await open(head, batch, { name: "batch-to-report" });
  await open(head, `${batch}/report`, { name: "report-before" });
  await press(head, "上报 12 人的结果", { name: "reported" });

  await open(centre, "/work", { name: "work-centre-review" });
  await open(centre, batch, { name: "batch-to-review" });
  await centre.getByRole("link", { name: "审核" }).first().click();
  await check(centre, { name: "review" });
  await row(centre, returned).locator(".pick").check();
  await press(centre, "退回所选", { status: 422, name: "returned-without-reason" });
  await centre.getByLabel("退回理由").fill("实操评分表缺考评员签字，请补齐后重新上报");
  await press(centre, "退回所选", { name: "one-returned" });
  await row(centre, rare).locator(".pick").check();
  await press(centre, "通过所选", { name: "one-approved" });
  await press(centre, "待审核的 8 人全部通过", { name: "reviewed" });
  await open(centre, "/reviews");
  const summary = await download(await at(centre, `${batch}/report`), "汇总表 PDF");
  assert.ok(pdfPages(summary.bytes).join("").includes("汇总表"));

  await open(clerk, "/work", { name: "work-clerk-returned" });
  await open(clerk, `${batch}/report`, { name: "report-with-returned" });
  assert.match(await said(clerk), /缺考评员签字/);
});

/** The page, gone to a path. */
async function at(page, path) {
  await page.goto(path);
  return page;
}

step("7: certificates are issued; single, as ZIP and for printing", async () => {
  await open(head, `${batch}/certificates`, { name: "certificates-before" });
  await press(head, "为 9 人发证", { name: "certificates-issued" });
  const archive = await download(head, "下载全部电子证书");
  const files = Object.entries(unzipSync(new Uint8Array(archive.bytes)));
  const single = files.filter(([name]) => name.endsWith(".pdf"));
  assert.equal(single.length, 9);
  for (const [name, bytes] of single) assert.equal(pdfPages(Buffer.from(bytes)).length, 1, name);
  const print = pdfPages((await download(head, "下载合印文件")).bytes);
  assert.equal(print.length, 9, "one page for each certificate");
  const all = print.join("");
  for (const student of students) {
    const passed = ![failed, absent, returned].includes(student);
    assert.equal(all.includes(student.number), passed, `${student.name} is ${passed ? "" : "not "}printed`);
  }
  assert.ok(all.includes(rare.name), "a rare character is printed");
  const rows = tableOf(await download(head, "下载证书信息表"));
  assert.equal(rows.length, 9);
  assert.equal(Object.keys(rows[0]).length, 11);
  const serials = rows.map((row) => Number(row.证书编号.slice(16))).sort((a, b) => a - b);
  assert.deepEqual(serials, serials.map((_, nth) => serials[0] + nth), "the numbers follow each other");

  await head.getByRole("link", { name: "查看 9 本证书" }).click();
  await check(head, { name: "certificates-list" });
  const number = rows.find((row) => row.姓名 === rare.name).证书编号;
  await head.getByRole("link", { name: number }).click();
  await check(head, { name: "certificate" });
  const [page] = pdfPages((await download(head, "下载证书")).bytes);
  for (const word of ["职业技能等级证书", rare.name, rare.number, number, "四级/中级工"]) assert.ok(page.includes(word), `the certificate says ${word}`);
  certificate = { path: new URL(head.url()).pathname, number };
});

step("8: anyone queries a certificate; a wrong pair has one answer", async () => {
  const anyone = await visit(browser, demo.origin);
  const ask = async (name, number, shot) => {
    await anyone.goto("/query");
    await tabTo(anyone, anyone.getByLabel("姓名"));
    await anyone.keyboard.type(name);
    await tabTo(anyone, anyone.getByLabel("证件号码或证书编号"));
    await anyone.keyboard.type(number);
    await Promise.all([anyone.waitForEvent("load"), anyone.keyboard.press("Enter")]);
    await check(anyone, { name: shot });
    return (await anyone.locator("#main").innerText()).replaceAll(/\s+/g, " ");
  };
  for (const [number, shot] of [[rare.number, "query-by-id"], [certificate.number, "query-by-number"]]) {
    const answer = await ask(rare.name, number, shot);
    assert.ok(answer.includes("证书有效") && answer.includes(certificate.number), answer);
    assert.ok(!answer.includes(rare.number), "the ID number is masked");
  }
  const answers = [
    await ask(objected.name, certificate.number, "query-wrong-name"),
    await ask(rare.name, objected.number, "query-wrong-id"),
    await ask("示例寅", resident("20080808", 991), "query-nobody"),
    await ask(returned.name, returned.number, "query-not-issued"),
  ];
  assert.match(answers[0], /没有查到相符的证书/);
  assert.equal(new Set(answers).size, 1, "one uniform answer");
  await anyone.context().close();
});

step("9: an officer opens the chain behind a certificate", async () => {
  await open(centre, "/certificates", { name: "certificates-centre" });
  await centre.getByLabel("姓名或证书编号").fill(certificate.number);
  await Promise.all([centre.waitForEvent("load"), centre.getByRole("button", { name: "查找" }).click()]);
  await check(centre, { name: "certificates-found" });
  await centre.getByRole("link", { name: certificate.number }).click();
  await check(centre, { name: "certificate-centre" });
  await centre.getByRole("link", { name: "看这本证书的来历" }).click();
  await check(centre, { name: "chain" });
  const chain = await said(centre);
  for (const link of ["审核", "上报", "公示", "成绩", "报名", "批次", "备案", "林听澜", "何嘉禾", "吴思齐", "报名名册.xlsx", "成绩.xlsx"]) {
    assert.ok(chain.includes(link), `the chain tells of ${link}`);
  }
  const roster = await download(centre, "报名名册.xlsx");
  assert.equal(Object.values(tableOf(roster)[students.indexOf(rare)])[0], rare.name);

  const other = await visit(browser, demo.origin, { as: "xiamen-centre", script: false });
  await open(other, `${certificate.path}/chain`, { status: 404, name: "chain-other-centre" });
  await other.context().close();
});

step("7: who was returned is reported again, approved and issued", async () => {
  await open(head, `${batch}/report`, { name: "report-again-before" });
  await press(head, "上报 1 人的结果", { name: "reported-again" });
  await open(centre, `${batch}/report`, { name: "review-again" });
  await press(centre, "待审核的 1 人全部通过", { name: "reviewed-again" });
  await open(head, `${batch}/certificates`, { name: "certificates-before-again" });
  await press(head, "为 1 人发证", { name: "certificates-complete" });
  await open(head, batch, { name: "batch-complete" });
});
