//! A workbook out of bytes. What it is, is told by its content, never by its name; how large it may become is
//! checked before anything is unpacked; rows come out one at a time.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError};
use rules::{Day, Refusal};

use crate::value::Value;

mod biff;

/// Largest file that is read; a default of the platform. A roster of 10,000 rows and 33 columns takes 2 MB.
pub const BYTES_MAX: usize = 20 << 20;
/// Most that an .xlsx may unpack to; the zip reader stops an entry that is longer than it declares.
pub const INFLATED_MAX: u64 = 256 << 20;
/// Most that an .xlsx may swell by. Sheets of one repeated word stay below 100.
const RATIO_MAX: u64 = 200;
/// What may be unpacked whatever the ratio.
const RATIO_FREE: u64 = 16 << 20;
/// Most worksheets that are read.
const SHEETS_MAX: usize = 64;

/// A spreadsheet: .xlsx, .xls, or text separated by commas, tabs or semicolons.
pub struct Workbook<'b> {
    form: Form<'b>,
}

enum Form<'b> {
    Xlsx(Box<Xlsx<Cursor<&'b [u8]>>>),
    Xls(Box<Xls<Cursor<&'b [u8]>>>),
    Text { text: Cow<'b, str>, separator: char },
}

/// Cells of a row that are not blank, with their columns from 0, in order.
pub type Cells<'a> = Vec<(u32, Value<'a>)>;

impl<'b> Workbook<'b> {
    /// Opens a file. Refused when it is too large, of another kind, encrypted or damaged.
    pub fn open(bytes: &'b [u8]) -> Result<Self, Refusal> {
        if bytes.len() > BYTES_MAX {
            return Err(refuse(format!("文件超过{}MB", BYTES_MAX >> 20)).remedy("请按班级或专业分成几个文件上传"));
        }
        let form = if bytes.starts_with(b"PK") {
            check_package(bytes)?;
            Form::Xlsx(Box::new(Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged_xlsx(&e))?))
        } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            open_xls(bytes)?
        } else {
            open_text(bytes)?
        };
        Ok(Self { form })
    }

    /// The visible worksheets, in order; one without a name for a text file.
    pub fn sheets(&self) -> Vec<String> {
        let metadata = match &self.form {
            Form::Xlsx(book) => book.sheets_metadata(),
            Form::Xls(book) => book.sheets_metadata(),
            Form::Text { .. } => return vec![String::new()],
        };
        metadata
            .iter()
            .filter(|sheet| sheet.visible == SheetVisible::Visible && sheet.typ == SheetType::WorkSheet)
            .map(|sheet| sheet.name.clone())
            .take(SHEETS_MAX)
            .collect()
    }

    /// Walks the rows of a worksheet that have any value, as (row from 0, cells), until `each` answers `false`.
    pub(crate) fn rows<'a>(
        &'a mut self,
        sheet: &str,
        mut each: impl FnMut(u32, &mut Cells<'a>) -> bool,
    ) -> Result<(), Refusal> {
        let mut cells = Cells::new();
        match &mut self.form {
            Form::Xlsx(book) => {
                let mut reader = book.worksheet_cells_reader(sheet).map_err(|e| damaged_xlsx(&e))?;
                let mut at = 0;
                while let Some(cell) = reader.next_cell().map_err(|e| damaged_xlsx(&e))? {
                    let (row, column) = cell.get_position();
                    if row != at {
                        if !cells.is_empty() && !each(at, &mut cells) {
                            return Ok(());
                        }
                        cells.clear();
                        at = row;
                    }
                    let value = match cell.get_value() {
                        DataRef::Empty => continue,
                        DataRef::SharedString(text) => Value::Text(Cow::Borrowed(*text)),
                        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                            Value::Text(Cow::Owned(text.clone()))
                        }
                        DataRef::Float(number) => Value::Number(*number),
                        DataRef::Int(number) => Value::Number(*number as f64),
                        DataRef::Bool(flag) => Value::Flag(*flag),
                        DataRef::DateTime(date) => dated(*date),
                        DataRef::Error(error) => Value::Broken(error.to_string()),
                    };
                    push(&mut cells, column, value);
                }
                if !cells.is_empty() {
                    each(at, &mut cells);
                }
            }
            Form::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|_| damaged())?;
                let (top, left) = range.start().unwrap_or_default();
                for (row, line) in range.rows().enumerate() {
                    cells.clear();
                    for (column, data) in line.iter().enumerate() {
                        let value = match data {
                            Data::Empty => continue,
                            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                                Value::Text(Cow::Owned(text.clone()))
                            }
                            Data::Float(number) => Value::Number(*number),
                            Data::Int(number) => Value::Number(*number as f64),
                            Data::Bool(flag) => Value::Flag(*flag),
                            Data::DateTime(date) => dated(*date),
                            Data::Error(error) => Value::Broken(error.to_string()),
                        };
                        push(&mut cells, left + column as u32, value);
                    }
                    if !cells.is_empty() && !each(top + row as u32, &mut cells) {
                        return Ok(());
                    }
                }
            }
            Form::Text { text, separator } => {
                for (row, fields) in (0..).zip(Records { rest: text, separator: *separator }) {
                    cells.clear();
                    for (column, field) in (0..).zip(fields) {
                        push(&mut cells, column, Value::Text(unguarded(field)));
                    }
                    if !cells.is_empty() && !each(row, &mut cells) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}

fn push<'a>(cells: &mut Cells<'a>, column: u32, value: Value<'a>) {
    if !matches!(&value, Value::Text(text) if text.chars().all(char::is_whitespace)) {
        cells.push((column, value));
    }
}

fn dated(date: ExcelDateTime) -> Value<'static> {
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    match Day::new(year as i16, month as i8, day as i8) {
        Ok(day) if date.is_datetime() && date.as_f64() >= 1.0 => Value::Date(day, date.as_f64()),
        _ => Value::Number(date.as_f64()),
    }
}

/// Records of separated text, one for each row that a program shows: empty lines are rows, a line break inside quotes
/// does not end one.
struct Records<'t> {
    rest: &'t str,
    separator: char,
}

impl<'t> Iterator for Records<'t> {
    type Item = Vec<Cow<'t, str>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field());
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
                continue;
            }
            let line = self.rest.strip_prefix('\r').unwrap_or(self.rest);
            self.rest = line.strip_prefix('\n').unwrap_or(line);
            return Some(fields);
        }
    }
}

impl<'t> Records<'t> {
    /// Takes a field, up to the separator or the end of the line.
    fn field(&mut self) -> Cow<'t, str> {
        let separator = self.separator;
        let ends = move |c: char| c == separator || c == '\n' || c == '\r';
        let mut field = Cow::Borrowed("");
        if let Some(quoted) = self.rest.strip_prefix('"') {
            self.rest = quoted;
            loop {
                let end = self.rest.find('"').unwrap_or(self.rest.len());
                field += &self.rest[..end];
                self.rest = self.rest.get(end + 1..).unwrap_or_default();
                let Some(rest) = self.rest.strip_prefix('"') else { break };
                field += "\"";
                self.rest = rest;
            }
        }
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        field += &self.rest[..end];
        self.rest = &self.rest[end..];
        field
    }
}

/// A field without what people put around digits to keep a program from rounding them: `'123`, `="123"`.
fn unguarded(field: Cow<'_, str>) -> Cow<'_, str> {
    let plain = field.trim();
    let bare =
        plain.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(plain.trim_start_matches('\''));
    if bare.len() == field.len() { field } else { Cow::Owned(bare.to_owned()) }
}

/// Reads the package's directory only: what it is, how many entries, how large they say they become.
fn check_package(bytes: &[u8]) -> Result<(), Refusal> {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let (mut inflated, mut is_xlsx, mut is_binary) = (0u64, false, false);
    if package.len() > 5_000 {
        return Err(refuse("文件内部结构异常，条目过多").remedy("请用WPS或Excel另存为新的.xlsx文件后上传"));
    }
    for index in 0..package.len() {
        let entry = package.by_index_raw(index).map_err(|_| damaged())?;
        inflated = inflated.saturating_add(entry.size());
        let name = entry.name().map_err(|_| damaged())?.replace('\\', "/").to_ascii_lowercase();
        is_xlsx |= name == "xl/workbook.xml";
        is_binary |= name == "xl/workbook.bin" || name == "content.xml";
    }
    if inflated > INFLATED_MAX || inflated > RATIO_FREE.max(bytes.len() as u64 * RATIO_MAX) {
        return Err(refuse(format!("文件解压后有{}MB，超过上限", inflated >> 20))
            .remedy("请删除多余的工作表、图片和空白行列，另存后上传"));
    }
    if !is_xlsx {
        let what = if is_binary {
            "不支持这种表格格式（.ods、.xlsb、.et）"
        } else {
            "这个压缩文件不是Excel表格"
        };
        return Err(refuse(what).remedy("请用WPS或Excel另存为.xlsx文件后上传"));
    }
    Ok(())
}

fn open_xls(bytes: &[u8]) -> Result<Form<'_>, Refusal> {
    // An encrypted .xlsx is wrapped in the old container under this name.
    let wrapped: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let locked = || refuse("文件设了打开密码").remedy("请取消密码保护，另存后上传");
    if bytes.windows(wrapped.len()).any(|window| window == wrapped) {
        return Err(locked());
    }
    let stream = biff::workbook_stream(bytes).ok_or_else(damaged)?;
    if biff::is_locked(&stream) {
        return Err(locked());
    }
    biff::check_extent(&stream).ok_or_else(damaged)?;
    // The reader of this old format panics on some malformed records.
    match std::panic::catch_unwind(|| Xls::new(Cursor::new(bytes))) {
        Ok(Ok(book)) => Ok(Form::Xls(Box::new(book))),
        Ok(Err(XlsError::Password)) => Err(locked()),
        Ok(Err(_)) | Err(_) => Err(damaged()),
    }
}

/// Text in UTF-8, UTF-16 with its mark, or GB 18030 as Chinese Windows writes it.
fn open_text(bytes: &[u8]) -> Result<Form<'_>, Refusal> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).trim_start().to_ascii_lowercase();
    let resave = "请用WPS或Excel打开后另存为.xlsx文件上传";
    if ["<html", "<!doctype", "<table", "<?xml", "<meta"].iter().any(|tag| start.starts_with(tag)) {
        return Err(refuse("这是网页格式的表格，不是真正的Excel文件").remedy(resave));
    }
    let text = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => match encoding_rs::GB18030.decode(bytes) {
                (text, _, false) => text,
                _ => return Err(refuse("无法识别文件格式").remedy(resave)),
            },
        },
    };
    if text.trim().is_empty() {
        return Err(refuse("文件是空的").remedy("请选择填好的表格"));
    }
    if text.contains('\0') {
        return Err(refuse("无法识别文件格式").remedy(resave));
    }
    let head: String = text.lines().take(10).collect();
    let separator = [',', '\t', ';'].into_iter().max_by_key(|&s| (head.matches(s).count(), s == ',')).unwrap_or(',');
    Ok(Form::Text { text, separator })
}

fn refuse(what: impl Into<String>) -> Refusal {
    Refusal::house("表格文件", what).at("file")
}

fn damaged() -> Refusal {
    refuse("文件已损坏，无法读取").remedy("请用WPS或Excel打开检查，另存为新的.xlsx文件后上传")
}

fn damaged_xlsx(error: &XlsxError) -> Refusal {
    match error {
        XlsxError::Password => refuse("文件设了打开密码").remedy("请取消密码保护，另存后上传"),
        _ => damaged(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separated_text_is_split_as_programs_do() {
        let rows = |text| Records { rest: text, separator: ',' }.collect::<Vec<_>>();
        assert_eq!(rows("a,b\r\n\r\nc,\"d\"\"e\n,f\",\n"), [vec!["a", "b"], vec![""], vec!["c", "d\"e\n,f", ""]]);
        assert_eq!(rows("a,\"b"), [["a", "b"]]);
        assert_eq!(rows("\"a\"x,b\rc"), [vec!["ax", "b"], vec!["c"]]);
        assert_eq!(rows(""), Vec::<Vec<&str>>::new());
        assert_eq!(unguarded("=\"123\"".into()), "123");
        assert_eq!(unguarded("'123".into()), "123");
    }
}
