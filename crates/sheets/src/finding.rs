//! What a check finds: where, which value, why it is wrong, what to do. Written for the clerk who has the file open.

use rules::{Ground, Refusal};
use serde::{Deserialize, Serialize};

use crate::value;

/// A fault keeps its row out; a warning asks someone to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Fault,
    Warning,
}

macro_rules! kinds {
    ($($variant:ident $code:literal $name:literal $severity:ident;)*) => {
        /// The kinds of finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum FaultKind {
            $(#[doc = $name] #[serde(rename = $code)] $variant,)*
        }

        impl FaultKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code in the API and in statistics.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The short name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether it keeps the row out.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

kinds! {
    ColumnMissing "column_missing" "缺少必需的列" Fault;
    RowBeyondLimit "row_beyond_limit" "超出行数上限" Fault;
    CellBroken "cell_broken" "单元格是公式错误值" Fault;
    NameMissing "name_missing" "缺姓名" Fault;
    NameOdd "name_odd" "姓名含异常字符" Fault;
    NameTooLong "name_too_long" "姓名过长" Fault;
    IdMissing "id_missing" "缺证件号码" Fault;
    IdKindUnknown "id_kind_unknown" "证件类型无法识别" Fault;
    IdKindMismatch "id_kind_mismatch" "证件类型与号码不符" Fault;
    IdLength "id_length" "证件号码位数不对" Fault;
    IdMalformed "id_malformed" "证件号码不合规则" Fault;
    IdCheck "id_check" "证件号码校验码不符" Fault;
    IdBirthImpossible "id_birth_impossible" "证件号码中的出生日期不存在" Fault;
    IdBirthFuture "id_birth_future" "证件号码中的出生日期在将来" Fault;
    IdAsNumber "id_as_number" "证件号码被存成数字" Fault;
    IdScientific "id_scientific" "证件号码成了科学计数法" Fault;
    IdFullWidth "id_full_width" "证件号码含全角字符" Warning;
    IdAsked "id_asked" "证件号码请核对" Warning;
    SexUnknown "sex_unknown" "性别无法识别" Fault;
    SexMismatch "sex_mismatch" "性别与证件号码不符" Fault;
    BirthMissing "birth_missing" "缺出生日期" Fault;
    BirthMismatch "birth_mismatch" "出生日期与证件号码不符" Fault;
    UnderAge "under_age" "未达最低年龄" Fault;
    AgeAsked "age_asked" "年龄请核对" Warning;
    LevelUnknown "level_unknown" "等级无法识别" Fault;
    LevelDiffers "level_differs" "等级与批次不符" Fault;
    OccupationDiffers "occupation_differs" "职业与批次不符" Fault;
    ConditionUnknown "condition_unknown" "申报条件无法识别" Fault;
    ConditionNotMet "condition_not_met" "不符合申报条件" Fault;
    HeldNumberMalformed "held_number_malformed" "所持证书编号不合规则" Fault;
    HeldLevelDiffers "held_level_differs" "所持证书等级与编号不符" Fault;
    DuplicateInFile "duplicate_in_file" "文件内重复" Fault;
    AlreadyRunning "already_running" "已在进行中的批次报名" Fault;
    NotEnrolled "not_enrolled" "不在学籍名册" Fault;
    EnrolmentNameDiffers "enrolment_name_differs" "姓名与学籍名册不符" Fault;
    EnrolmentNumberDiffers "enrolment_number_differs" "学号与学籍名册不符" Fault;
    StudentNumberMissing "student_number_missing" "缺学号" Fault;
    StandingUnknown "standing_unknown" "学籍状态无法识别" Fault;
    DateUnreadable "date_unreadable" "日期无法识别" Fault;
    YearsUnreadable "years_unreadable" "年限无法识别" Fault;
    CardKindUnknown "card_kind_unknown" "证卡类别无法识别" Fault;
    CardNumberMalformed "card_number_malformed" "证卡编号不合规则" Fault;
    PhoneMalformed "phone_malformed" "手机号码不合规则" Warning;
    MarkUnreadable "mark_unreadable" "成绩无法识别" Fault;
    MarkConfirmed "mark_confirmed" "成绩已经核对确认" Fault;
    NotSignedIn "not_signed_in" "与现场签到不符" Fault;
    MarkMissing "mark_missing" "没有任何成绩" Warning;
    MarkMissingOfModule "mark_missing_of_module" "缺模块成绩" Fault;
    MarkNotAllowed "mark_not_allowed" "成绩不能这样登记" Fault;
    CandidateUnknown "candidate_unknown" "不是本批次考生" Fault;
    FieldMissing "field_missing" "缺必填内容" Fault;
    BodyUnknown "body_unknown" "机构没有登记" Fault;
    CandidateNameDiffers "candidate_name_differs" "姓名与考生名册不符" Fault;
    EntryMissing "entry_missing" "缺必填内容" Fault;
    EntryTooLong "entry_too_long" "内容过长" Fault;
    EntryUnknown "entry_unknown" "类别无法识别" Fault;
    TradeNotPlanned "trade_not_planned" "职业不在申请中" Fault;
    CountUnreadable "count_unreadable" "数量无法识别" Fault;
    YearUnreadable "year_unreadable" "年份无法识别" Fault;
    MainUnknown "main_unknown" "主干专业无法识别" Fault;
    CardExpired "card_expired" "证卡已到期" Warning;
    RecordingShort "recording_short" "录像保存天数不足" Warning;
    FeeItemMissing "fee_item_missing" "缺收费项目" Fault;
    FeeUnitMissing "fee_unit_missing" "缺计费单位" Fault;
    FeeBasisMissing "fee_basis_missing" "缺收费依据" Fault;
    TradeUnknown "trade_unknown" "职业无法识别" Fault;
    AmountUnreadable "amount_unreadable" "金额无法识别" Fault;
    MonthsUnreadable "months_unreadable" "开展月份无法识别" Fault;
    TimeUnreadable "time_unreadable" "时间无法识别" Fault;
    ArrivalNotTaken "arrival_not_taken" "不能这样签到" Fault;
    RoomUnknown "room_unknown" "不是本批次考场" Fault;
    RecordingNotTaken "recording_not_taken" "不能这样登记录像" Fault;
    ReceiptNotTaken "receipt_not_taken" "与交换记录不符" Fault;
}

/// Something in a file that someone has to put right or look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// The worksheet's name; empty for a text file.
    pub sheet: String,
    /// The row as the program numbers it, from 1.
    pub row: u32,
    /// The column's letters; empty when the finding is about a column that is not there.
    pub column: String,
    /// The column's heading as the file writes it.
    pub column_name: String,
    /// The value as the file has it; personal data, never for public pages.
    pub value: String,
    pub kind: FaultKind,
    pub severity: Severity,
    /// What the finding rests on, as people cite it.
    pub ground: String,
    pub reason: String,
    pub remedy: String,
}

/// Where a finding is: a cell, with what stands in it.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    pub sheet: &'a str,
    pub row: u32,
    /// Counted from 0; `None` where the file has no such column.
    pub column: Option<u32>,
    pub column_name: &'a str,
    pub value: String,
}

impl Finding {
    pub(crate) fn new(
        place: Place,
        kind: FaultKind,
        ground: impl Into<Ground>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            sheet: place.sheet.to_owned(),
            row: place.row,
            column: place.column.map(value::letters).unwrap_or_default(),
            column_name: place.column_name.to_owned(),
            value: place.value,
            kind,
            severity: kind.severity(),
            ground: ground.into().label(),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }

    /// A refusal of `rules`, at its cell.
    pub(crate) fn from_refusal(place: Place, kind: FaultKind, refusal: Refusal) -> Self {
        Self::new(place, kind, refusal.ground, refusal.what, refusal.remedy)
    }

    /// Whether it keeps its row out.
    pub fn is_fault(&self) -> bool {
        self.severity == Severity::Fault
    }
}
