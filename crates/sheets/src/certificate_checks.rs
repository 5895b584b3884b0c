//! A list of people whose certificates somebody wants to have checked: a name, and the number of the certificate, of the
//! identity document, or both. Whatever else the file says is passed over.

use rules::Refusal;

use crate::finding::Finding;
use crate::table::{self, columns};
use crate::value::Value;
use crate::workbook::Workbook;

columns! {
    /// Columns of a list to be checked.
    Column {
        Name "姓名" "持证人" "持证人姓名" "员工姓名" "应聘人" "应聘人姓名";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号码" "公民身份号码";
        Number "证书编号" "证书号码" "证书号" "职业技能等级证书编号" "等级证书编号";
    }
}

/// One row as it was written; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckLine {
    pub sheet: String,
    pub row: u32,
    pub name: String,
    pub id_number: String,
    pub number: String,
    /// Whether a number lost its last digits, because the program that wrote the file took it for a quantity.
    pub cut: bool,
}

/// Reads a list of at most so many rows. Refused when the file can't be read as a table, names nobody or too many.
pub fn read_certificate_checks(bytes: &[u8], rows_max: usize) -> Result<Vec<CheckLine>, Refusal> {
    use Column as C;
    let mut book = Workbook::open(bytes)?;
    let mut lines = Vec::new();
    let missing = table::read(&mut book, &[C::Name], |row| {
        let text = |column| row.text(column).map(|text| text.trim().to_owned()).unwrap_or_default();
        let cut = |column| matches!(row.get(column), Some(Value::Number(number)) if *number >= 1e15);
        let line = CheckLine {
            sheet: row.sheet.to_owned(),
            row: row.number,
            name: text(C::Name),
            id_number: text(C::IdNumber),
            number: text(C::Number),
            cut: cut(C::IdNumber) || cut(C::Number),
        };
        if !(line.name.is_empty() && line.id_number.is_empty() && line.number.is_empty()) {
            lines.push(line);
        }
        lines.len() <= rows_max
    })?;
    if lines.len() > rows_max {
        return Err(Refusal::house("批量核验", format!("文件超过{rows_max}行")).remedy("请拆成几个文件").at("file"));
    }
    match (lines.is_empty(), missing.into_iter().next()) {
        (false, _) => Ok(lines),
        (true, Some(Finding { reason, remedy, .. })) => {
            Err(Refusal::house("批量核验", reason).remedy(remedy).at("file"))
        }
        (true, None) => Err(Refusal::house("批量核验", "文件中没有要核验的人")
            .remedy("表头下每行一人：姓名，证件号码或证书编号")
            .at("file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_4c_a_list_is_read_in_both_encodings_with_what_it_has() {
        let text = "序号,姓名,身份证号,证书编号,部门\n1,示例甲,350199188001010011,Y000035000001264000001,一车间\n2,示例乙,,Y000035000001264000002,\n3,,,,\n";
        let lines = read_certificate_checks(text.as_bytes(), 10).expect("lines");
        assert_eq!(lines.len(), 2);
        assert_eq!(
            (lines[0].name.as_str(), lines[0].id_number.as_str(), lines[0].row),
            ("示例甲", "350199188001010011", 2)
        );
        assert!(lines[1].id_number.is_empty() && !lines[1].cut);
        let (gbk, ..) = encoding_rs::GBK.encode(text);
        assert_eq!(read_certificate_checks(&gbk, 10).expect("lines"), lines);
        assert!(read_certificate_checks(text.as_bytes(), 1).expect_err("too many").what.contains("超过1行"));
        assert!(read_certificate_checks("电话,地址\n1,2\n".as_bytes(), 10).is_err());
        assert!(read_certificate_checks("姓名,证书编号\n".as_bytes(), 10).is_err());
    }
}
