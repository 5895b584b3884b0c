//! 三（三）: what is issued is reported upward. The national system takes no data but a sheet that people upload: eleven
//! columns, the level as a digit, days as `2026-12-07`, 其他 where no employer is known.

use rules::identity::IdKind;

use super::Face;

/// The columns of the national certificate sheet, in its order.
pub const COLUMNS: [&str; 11] = [
    "姓名",
    "证件类型",
    "证件号码",
    "所在单位",
    "职业名称",
    "工种名称",
    "职业技能等级",
    "证书编号",
    "发证日期",
    "评价机构",
    "发证机构",
];

/// The national certificate sheet of a batch.
///
/// # Errors
/// When the workbook can't be written.
pub fn sheet(faces: &[Face]) -> Result<Vec<u8>, crate::door::Stop> {
    let rows = faces.iter().map(|face| {
        // The sheet's codes for documents other than the resident ID card are not published; their names are read.
        let is_resident = face.id_kind == IdKind::ResidentId.code();
        let kind = if is_resident { &face.id_kind } else { &face.id_kind_name };
        [
            &face.name,
            kind,
            &face.id_number,
            "其他",
            &face.trade,
            &face.work_type,
            &face.level.digit().to_string(),
            &face.number,
            &face.issued_on.to_string(),
            &face.body_name,
            // Who assesses issues (三（三）).
            &face.body_name,
        ]
        .map(str::to_owned)
        .to_vec()
    });
    sheets::exchange(&COLUMNS, rows).map_err(crate::door::Stop::fault)
}
