//! A list of recordings of a batch: one row a camera and a stretch of time, as recorders write their lists and as people keep them. A
//! row that says nothing of camera and time is a room that nobody has filled in yet and is passed over.

use rules::arrangement::DayTime;
use rules::conduct::recording::{Recorded, Telling, may_note};
use rules::result::Part;
use rules::{Day, Refusal};
use rust_xlsxwriter::XlsxError;

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, ROWS_MAX, Reading, Seen};
use crate::table::{self, Columns as _, columns};
use crate::template;
use crate::value::{Dated, Value, narrow, squeezed};
use crate::workbook::Workbook;

columns! {
    /// Columns of a list of recordings.
    Column {
        Room "考场" "考场名称" "考室" "考试地点" "考核地点" "地点" "房间";
        Part "科目" "考试科目" "考核科目";
        On "日期" "考试日期" "录像日期";
        Camera "摄像头" "摄像头编号" "摄像机" "监控点" "监控点位" "机位" "通道" "通道名称";
        From "录像从" "录像开始" "录像开始时间" "开始" "开始时间" "起始时间" "起";
        To "录像到" "录像结束" "录像结束时间" "结束" "结束时间" "终止时间" "止";
        File "文件名" "录像文件" "录像文件名" "文件名称" "文件";
        Digest "SHA-256摘要" "SHA-256" "SHA256" "文件摘要" "摘要" "哈希值" "校验值";
        Address "存放位置" "存储位置" "存放地址" "位置" "地址" "链接";
        Until "保存到" "保存至" "保存期限";
    }
}

/// A room at a time, as the batch is arranged or was held.
#[derive(Debug, Clone)]
pub struct RecordingRoom {
    pub session: i64,
    pub room: String,
    pub part: Part,
    pub on: Day,
    pub from: DayTime,
    pub to: DayTime,
}

/// What rows are held against.
pub struct RecordingsContext<'a> {
    pub rooms: &'a [RecordingRoom],
    /// Until when what was recorded on a day is kept at least.
    pub kept_at_least: &'a dyn Fn(Day) -> Day,
}

/// What one camera recorded, in a row without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingRow {
    pub sheet: String,
    pub row: u32,
    /// The rooms that it shows: a camera may run on while one group follows another.
    pub sessions: Vec<i64>,
    pub camera: String,
    pub from: DayTime,
    pub to: DayTime,
    pub file_name: String,
    pub digest: String,
    pub address: String,
    /// Where the list says it.
    pub kept_until: Option<Day>,
}

/// What came of reading a list of recordings.
#[derive(Debug, Clone, Default)]
pub struct RecordingsCheck {
    /// Rows that say something of a camera or a time.
    pub rows_read: usize,
    pub good: Vec<RecordingRow>,
    pub findings: Vec<Finding>,
}

/// Reads a list of recordings. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_recordings(bytes: &[u8], context: &RecordingsContext<'_>) -> Result<RecordingsCheck, Refusal> {
    use Column as C;
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (RecordingsCheck::default(), Seen::default(), Vec::new());
    let missing = table::read(&mut book, &[C::Room, C::Camera, C::From, C::To], |row| {
        if [C::Camera, C::From, C::To].iter().all(|column| row.get(*column).is_none()) {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            let reason = format!("一个文件最多{ROWS_MAX}行，从这一行起没有读取");
            let remedy = "请把其余各行放进另一个文件上传";
            findings.push(Finding::new(row.place(C::Room), FaultKind::RowBeyondLimit, HOUSE, reason, remedy));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context, findings: &mut findings, faults: 0 };
        let (from, to) = (reading.time(C::From), reading.time(C::To));
        let rooms = reading.rooms(from.zip(to));
        let text = |column| row.text(column).map(|text| text.trim().to_owned()).unwrap_or_default();
        let digest = row.text(C::Digest).map(|text| squeezed(&text).to_ascii_lowercase()).unwrap_or_default();
        let (camera, address) = (text(C::Camera), text(C::Address));
        let until = reading.date(C::Until).and_then(Dated::first_day);
        if let (Some(from), Some(to), [first, ..]) = (from, to, rooms.as_slice()) {
            let at_least = (context.kept_at_least)(first.on);
            let kept_until = until.unwrap_or(at_least);
            let at = Recorded { from, to };
            let telling = Telling { camera: &camera, at, digest: &digest, address: &address, kept_until, at_least };
            if let Err(refusal) = may_note(&telling) {
                let column = match refusal.field {
                    Some("camera") => C::Camera,
                    Some("digest") => C::Digest,
                    Some("kept_until") => C::Until,
                    Some("to") => C::To,
                    _ => C::Address,
                };
                reading.refuse(column, FaultKind::RecordingNotTaken, refusal);
            }
            let key = format!("{}|{}|{}|{from}|{to}", first.room, first.on, squeezed(&camera));
            if let Some((_, before)) = seen.before(&key, row.sheet, row.number) {
                let reason = format!("与第{before}行是同一段录像");
                reading.report(C::Camera, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行");
            }
            if reading.faults == 0 {
                check.good.push(RecordingRow {
                    sheet: row.sheet.to_owned(),
                    row: row.number,
                    sessions: rooms.iter().map(|room| room.session).collect(),
                    camera,
                    from,
                    to,
                    file_name: text(C::File),
                    digest,
                    address,
                    kept_until: until,
                });
            }
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl<'c> Reading<'_, '_, &'c RecordingsContext<'_>> {
    fn lacks(&mut self, column: Column, remedy: &str) {
        let reason = format!("没有填写{}", column.names()[0]);
        self.report(column, FaultKind::EntryMissing, HOUSE, reason, remedy);
    }

    fn time(&mut self, column: Column) -> Option<DayTime> {
        let Some(value) = self.row.get(column) else {
            self.lacks(column, "请填写录像的起止时间，例如 08:20");
            return None;
        };
        let time = value.time();
        if time.is_none() {
            let reason = format!("“{}”不是时间", value.shown());
            self.report(column, FaultKind::TimeUnreadable, HOUSE, reason, "请按 08:20 的格式填写");
        }
        time
    }

    /// The rooms that a row speaks of, all of one day: those of the name, the day and the part that it says, at the times that it says.
    fn rooms(&mut self, times: Option<(DayTime, DayTime)>) -> Vec<&'c RecordingRoom> {
        use Column as C;
        let Some(name) = self.row.text(C::Room) else {
            self.lacks(C::Room, "请按编排填写考场的名称");
            return Vec::new();
        };
        let all = self.context.rooms;
        let mut rooms: Vec<&RecordingRoom> =
            all.iter().filter(|room| squeezed(&room.room) == squeezed(&name)).collect();
        if rooms.is_empty() {
            let mut known: Vec<&str> = Vec::new();
            for room in all.iter().map(|room| room.room.as_str()) {
                if !known.contains(&room) {
                    known.push(room);
                }
            }
            let remedy = format!("请按编排填写考场的名称：{}", known.join("、"));
            let reason = format!("本批次没有考场“{name}”");
            self.report(C::Room, FaultKind::RoomUnknown, HOUSE, reason, remedy);
            return rooms;
        }
        if let Some(text) = self.row.text(C::Part) {
            let Some(part) = part(&text) else {
                let reason = format!("“{text}”不是考试科目");
                self.report(C::Part, FaultKind::EntryUnknown, HOUSE, reason, "请填写理论、实操或综合评审，或者空着");
                return Vec::new();
            };
            rooms.retain(|room| room.part == part);
        }
        let said = match self.row.get(C::On) {
            Some(_) => match self.date(C::On).and_then(Dated::first_day) {
                Some(day) => Some(day),
                None => return Vec::new(),
            },
            // Recorders write the day before the time.
            None => self.row.get(C::From).and_then(day_before_time),
        };
        if let Some(day) = said {
            rooms.retain(|room| room.on == day);
        } else if rooms.iter().any(|room| room.on != rooms[0].on) {
            self.lacks(C::On, "这个考场在多天有考试，请填写日期");
            return Vec::new();
        }
        let Some((from, to)) = times else { return rooms };
        rooms.retain(|room| from < room.to && room.from < to);
        // Whoever wrote the end before the beginning is told so.
        if rooms.is_empty() && from < to {
            let reason = "这段时间考场没有考试".to_owned();
            let remedy = "请核对考场、日期和起止时间；一段录像至少与一场考试的时间相交";
            self.report(C::From, FaultKind::RoomUnknown, HOUSE, reason, remedy);
        } else if from >= to {
            let reason = format!("录像的结束时间 {to} 不晚于开始时间 {from}");
            self.report(C::To, FaultKind::RecordingNotTaken, HOUSE, reason, "请核对录像的起止时间");
        }
        rooms
    }
}

/// The day that stands before a time in the same cell. A bare time counts from the first day that a program knows.
fn day_before_time(value: &Value<'_>) -> Option<Day> {
    value.date().and_then(Dated::first_day).filter(|day| day.year() >= 2000)
}

/// A part as people write it.
fn part(text: &str) -> Option<Part> {
    let text = narrow(text);
    let is = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match () {
        () if is(&["理论"]) => Some(Part::Theory),
        () if is(&["实操", "操作", "实作", "技能"]) => Some(Part::Practical),
        () if is(&["评审"]) => Some(Part::Comprehensive),
        () => None,
    }
}

/// A list to fill in: a row for each room of a day.
pub fn recordings_table(rooms: &[RecordingRoom]) -> Result<Vec<u8>, XlsxError> {
    let headers: Vec<&str> = Column::ALL.iter().map(|column| column.names()[0]).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for room in rooms {
        let row = vec![room.room.clone(), room.part.name().to_owned(), room.on.to_string()];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    template::table("录像登记", &headers, rows)
}
