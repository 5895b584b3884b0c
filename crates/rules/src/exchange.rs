//! 二（二）4、三（三）: what is issued goes to the national system, which takes a sheet. Which columns it has is a record with a day;
//! each certificate goes up as it stands, once, and later only when it stands otherwise.

use serde::{Deserialize, Serialize};

use crate::certificate::{CertificateState, Level};
use crate::terms::{EXCHANGE_COLUMNS_MAX, EXCHANGE_TEXT_MAX};
use crate::{Clause, Day, Refusal};

/// A code word for each of a few, and the name that people read.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])* $variant:ident $code:literal $said:literal;)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $doc])* $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code word used in the database and the API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one with this code word.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }

            /// The name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $said,)* }
            }
        }
    };
}

words! {
    /// What a column of the sheet says of a certificate.
    ExchangeField {
        /// The holder's name.
        Name "name" "姓名";
        /// The kind of identity document.
        IdKind "id_kind" "证件类型";
        /// Its number.
        IdNumber "id_number" "证件号码";
        /// Where the holder works; not known here.
        Employer "employer" "所在单位";
        /// The occupation.
        Trade "trade" "职业名称";
        /// The work type.
        WorkType "work_type" "工种名称";
        /// The level, as its digit.
        Level "level" "技能等级";
        /// The certificate's number.
        Number "number" "证书编号";
        /// The day of issue.
        IssuedOn "issued_on" "发证日期";
        /// Who assessed.
        BodyName "body_name" "评价机构";
        /// Who issued: the same (三（三）).
        Issuer "issuer" "发证机构";
        /// The occupation's code.
        TradeCode "trade_code" "职业编码";
        /// How the certificate stands.
        Stands "stands" "证书状态";
    }
}

words! {
    /// What a row tells the national system.
    ExchangeKind {
        /// A certificate that it does not know yet.
        Issue "issue" "新增";
        /// The same one with something else on it.
        Correct "correct" "更正";
        /// Not to be relied on for now.
        Suspend "suspend" "暂停";
        /// Good again.
        Resume "resume" "恢复";
        /// Come by wrongly.
        Revoke "revoke" "撤销";
        /// Should not have been issued as it was.
        Void "void" "注销";
    }
}

words! {
    /// Where a row stands.
    RowState {
        /// In a package that has not left.
        ToSend "to_send" "待上传";
        /// Gone up, not answered.
        Sent "sent" "已上传";
        /// The national system has it.
        Accepted "accepted" "已入库";
        /// The national system does not take it, with the reason.
        Rejected "rejected" "被退回";
        /// Its package was withdrawn before it left.
        Withdrawn "withdrawn" "已撤回";
    }
}

words! {
    /// What reconciliation finds.
    ExchangeDifferenceKind {
        /// Accepted, and not on their list.
        Missing "missing" "我方有、对方无";
        /// On their list, and never sent from here.
        Foreign "foreign" "对方有、我方无";
        /// On both, with another value.
        Field "field" "内容不一致";
        /// More than once on their list.
        Twice "twice" "对方重复";
    }
}

words! {
    /// Where a difference stands.
    ExchangeDifferenceState {
        /// Found and not answered.
        Open "open" "待处理";
        /// Somebody has taken note of it, with the reason.
        Noted "noted" "已说明";
        /// The certificate goes up again.
        Again "again" "重新上传";
        /// A later list no longer shows it.
        Gone "gone" "已一致";
    }
}

/// One of their words for one of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExchangeCode {
    #[schema(min_length = 1, max_length = 100)]
    pub ours: String,
    #[schema(min_length = 1, max_length = 100)]
    pub theirs: String,
}

/// A column of the sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExchangeColumn {
    #[schema(min_length = 1, max_length = 100)]
    pub heading: String,
    pub field: ExchangeField,
    /// Whether it must say something: a certificate without it does not go up.
    #[serde(default)]
    pub must: bool,
    /// What stands there where nothing is known.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub otherwise: String,
    /// Their code words; what is not among them stands as people read it.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub codes: Vec<ExchangeCode>,
}

/// The columns of the sheet, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeTemplate {
    pub name: String,
    pub columns: Vec<ExchangeColumn>,
}

/// What of a certificate goes up.
#[derive(Debug, Clone)]
pub struct ExchangeFacts<'a> {
    pub name: &'a str,
    /// The code of the kind of identity document.
    pub id_kind: &'a str,
    /// As people read it.
    pub id_kind_name: &'a str,
    pub id_number: &'a str,
    pub trade_code: &'a str,
    pub trade: &'a str,
    pub work_type: &'a str,
    pub level: Level,
    pub number: &'a str,
    pub issued_on: Day,
    pub body_name: &'a str,
    pub state: CertificateState,
}

impl ExchangeTemplate {
    /// The sheet of 2020, as people have uploaded it since: eleven columns, the level as a digit, days as `2026-12-07`, 其他 where
    /// no employer is known. Its codes for documents other than the resident ID card are not published; their names are read.
    pub fn shipped() -> Self {
        use ExchangeField as F;
        let column = |heading: &str, field, must, otherwise: &str| ExchangeColumn {
            heading: heading.into(),
            field,
            must,
            otherwise: otherwise.into(),
            codes: match field {
                F::IdKind => vec![ExchangeCode { ours: "201".into(), theirs: "201".into() }],
                _ => Vec::new(),
            },
        };
        Self {
            name: "证书信息表（2020）".into(),
            columns: vec![
                column("姓名", F::Name, true, ""),
                column("证件类型", F::IdKind, true, ""),
                column("证件号码", F::IdNumber, true, ""),
                column("所在单位", F::Employer, false, "其他"),
                column("职业名称", F::Trade, true, ""),
                column("工种名称", F::WorkType, false, ""),
                column("职业技能等级", F::Level, true, ""),
                column("证书编号", F::Number, true, ""),
                column("发证日期", F::IssuedOn, true, ""),
                column("评价机构", F::BodyName, true, ""),
                column("发证机构", F::Issuer, true, ""),
            ],
        }
    }

    /// Its headings.
    pub fn headings(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.heading.as_str()).collect()
    }

    /// Where a field stands in it.
    pub fn place_of(&self, field: ExchangeField) -> Option<usize> {
        self.columns.iter().position(|column| column.field == field)
    }

    /// A certificate as a row.
    ///
    /// # Errors
    /// A refusal that names the column which must say something and does not.
    pub fn cells(&self, facts: &ExchangeFacts<'_>) -> Result<Vec<String>, Refusal> {
        self.columns.iter().map(|column| column.cell(facts)).collect()
    }

    /// Whether a template may be set so from a day on.
    ///
    /// # Errors
    /// A refusal that says what is wrong with it.
    pub fn may_set(&self, from: Day, reason: &str, today: Day) -> Result<(), Refusal> {
        let refuse = |what: String, remedy: &str, field: &'static str| {
            Err(Refusal::new(Clause::S3_3_6, what).remedy(remedy).at(field))
        };
        let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= EXCHANGE_TEXT_MAX;
        if !fits(&self.name) {
            return refuse("没有填写模板名称，或名称过长".into(), "请写明模板名称，例如“证书信息表（2027）”", "name");
        }
        if self.columns.len() > EXCHANGE_COLUMNS_MAX {
            let what = format!("模板有{}列，超过{EXCHANGE_COLUMNS_MAX}列", self.columns.len());
            return refuse(what, "请只保留国家平台要求的列", "columns");
        }
        for needed in [ExchangeField::Name, ExchangeField::IdNumber, ExchangeField::Number, ExchangeField::Level] {
            if self.place_of(needed).is_none() {
                let what = format!("模板缺少“{}”列", needed.name());
                return refuse(what, "没有这一列，国家平台的记录不能与证书对应，请补上", "columns");
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for column in &self.columns {
            if !fits(&column.heading) || column.otherwise.chars().count() > EXCHANGE_TEXT_MAX {
                return refuse(format!("列名“{}”为空或过长", column.heading), "请按国家平台的表头填写列名", "columns");
            }
            if !seen.insert(column.heading.trim()) {
                return refuse(format!("列名“{}”重复", column.heading), "每一列请用不同的列名", "columns");
            }
            let ours: std::collections::BTreeSet<&str> = column.codes.iter().map(|code| code.ours.as_str()).collect();
            if ours.len() != column.codes.len() || !column.codes.iter().all(|c| fits(&c.ours) && fits(&c.theirs)) {
                let what = format!("“{}”列的代码有空缺或重复", column.heading);
                return refuse(what, "请为每个取值写一个代码，例如 201=201", "columns");
            }
        }
        if from < today {
            return refuse(format!("生效日期 {from} 已经过去"), "已制作的交换包不变，请从今天或以后起生效", "from");
        }
        if reason.trim().is_empty() || reason.chars().count() > 500 {
            return refuse("没有写明调整的原因，或超过500字".into(), "请写明国家平台的通知或文号", "reason");
        }
        Ok(())
    }
}

impl ExchangeColumn {
    fn cell(&self, facts: &ExchangeFacts<'_>) -> Result<String, Refusal> {
        use ExchangeField as F;
        let (value, read) = match self.field {
            F::Name => (facts.name.to_owned(), facts.name),
            F::IdKind => (facts.id_kind.to_owned(), facts.id_kind_name),
            F::IdNumber => (facts.id_number.to_owned(), facts.id_number),
            F::Employer => (String::new(), ""),
            F::Trade => (facts.trade.to_owned(), facts.trade),
            F::WorkType => (facts.work_type.to_owned(), facts.work_type),
            F::Level => (facts.level.digit().to_string(), ""),
            F::Number => (facts.number.to_owned(), facts.number),
            F::IssuedOn => (facts.issued_on.to_string(), ""),
            F::BodyName | F::Issuer => (facts.body_name.to_owned(), facts.body_name),
            F::TradeCode => (facts.trade_code.to_owned(), facts.trade_code),
            F::Stands => (facts.state.code().to_owned(), facts.state.name()),
        };
        let coded = self.codes.iter().find(|code| code.ours == value).map(|code| code.theirs.clone());
        let text = coded.unwrap_or_else(|| if read.is_empty() { value } else { read.to_owned() });
        let text = if text.trim().is_empty() { self.otherwise.clone() } else { text };
        if self.must && text.trim().is_empty() {
            let what = format!("证书 {} 的“{}”为空，不能上传国家平台", facts.number, self.heading);
            return Err(Refusal::new(Clause::S3_3_6, what).remedy("请先更正证书，再制作交换包"));
        }
        Ok(text)
    }
}

/// What has to go up of a certificate that stands so, where the national system was last told that it stands `before`.
/// Whoever was never told of it is told only of one that is valid.
pub fn due_kind(stands: CertificateState, before: Option<CertificateState>) -> Option<ExchangeKind> {
    use CertificateState as S;
    match (stands, before) {
        (S::Valid, None) => Some(ExchangeKind::Issue),
        (_, None) => None,
        (now, Some(before)) if now == before => Some(ExchangeKind::Correct),
        (S::Valid, Some(_)) => Some(ExchangeKind::Resume),
        (S::Suspended, Some(_)) => Some(ExchangeKind::Suspend),
        (S::Revoked, Some(_)) => Some(ExchangeKind::Revoke),
        (S::Void, Some(_)) => Some(ExchangeKind::Void),
    }
}

/// What the national system says of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// Taken, under this id of theirs.
    Accepted(&'a str),
    /// Not taken.
    Rejected,
}

/// What an answer does to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was told before.
    Same,
    /// The row moves there.
    Moves(RowState),
}

/// What an answer does to a row that stands so. An answer that came twice does nothing; one that contradicts an earlier one
/// is named and changes nothing.
///
/// # Errors
/// A refusal that names the contradiction.
pub fn settle(state: RowState, national_id: Option<&str>, outcome: &Outcome<'_>) -> Result<Settled, Refusal> {
    let refuse = |what: String| {
        Err(Refusal::new(Clause::S3_3_6, what).remedy("请核对是不是另一个交换包的回执，或在对账差异中处理"))
    };
    match (state, outcome) {
        (RowState::ToSend | RowState::Sent, Outcome::Accepted(_)) => Ok(Settled::Moves(RowState::Accepted)),
        (RowState::ToSend | RowState::Sent, Outcome::Rejected) => Ok(Settled::Moves(RowState::Rejected)),
        (RowState::Accepted, Outcome::Accepted(id)) if national_id == Some(id) => Ok(Settled::Same),
        (RowState::Accepted, Outcome::Accepted(id)) => {
            refuse(format!("已登记的国家平台编号是{}，这次是{id}", national_id.unwrap_or("（空）")))
        }
        (RowState::Rejected, Outcome::Rejected) => Ok(Settled::Same),
        (RowState::Accepted, Outcome::Rejected) => refuse("此前的回执已入库，这次却是退回".into()),
        (RowState::Rejected, Outcome::Accepted(_)) => refuse("此前的回执是退回，这次却已入库".into()),
        (RowState::Withdrawn, _) => refuse("这一行所在的交换包已撤回，不应有回执".into()),
    }
}

/// What the national system's words for an outcome mean.
pub fn read_outcome(text: &str) -> Option<bool> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let taken = ["accepted", "成功", "通过", "已入库", "入库", "导入成功", "审核通过", "校验通过", "ok", "是"];
    let not = ["rejected", "失败", "不通过", "退回", "被退回", "拒绝", "导入失败", "审核不通过", "校验失败", "否"];
    match plain.as_str() {
        word if taken.contains(&word) => Some(true),
        word if not.contains(&word) => Some(false),
        _ => None,
    }
}

/// Where a reason is asked for, it says something.
///
/// # Errors
/// A refusal at the field.
pub fn with_reason(reason: &str, remedy: &str) -> Result<(), Refusal> {
    let length = reason.trim().chars().count();
    if !(2..=500).contains(&length) {
        return Err(Refusal::new(Clause::S3_3_6, "没有写明原因，或超过500字").remedy(remedy).at("reason"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(state: CertificateState) -> ExchangeFacts<'static> {
        ExchangeFacts {
            name: "示例甲",
            id_kind: "201",
            id_kind_name: "居民身份证",
            id_number: "350199188001010011",
            trade_code: "6-18-01-01",
            trade: "车工",
            work_type: "",
            level: Level::L4,
            number: "Y000035000001264000001",
            issued_on: Day::constant(2026, 11, 12),
            body_name: "示例一技工学校",
            state,
        }
    }

    #[test]
    fn s3_3_6_the_sheet_of_2020_has_eleven_columns_in_order() {
        let template = ExchangeTemplate::shipped();
        let cells = template.cells(&facts(CertificateState::Valid)).expect("a row");
        assert_eq!(
            cells.join("|"),
            "示例甲|201|350199188001010011|其他|车工||4|Y000035000001264000001|2026-11-12|示例一技工学校|示例一技工学校"
        );
        let passport = ExchangeFacts { id_kind: "414", id_kind_name: "护照", ..facts(CertificateState::Valid) };
        assert_eq!(template.cells(&passport).expect("a row")[1], "护照");
        let nameless = ExchangeFacts { trade: "", ..facts(CertificateState::Valid) };
        assert!(template.cells(&nameless).expect_err("no occupation").what.contains("职业名称"));
    }

    #[test]
    fn s3_3_6_a_template_is_set_whole_and_not_backwards() {
        let today = Day::constant(2026, 11, 12);
        let good = ExchangeTemplate::shipped();
        assert_eq!(good.may_set(today, "示例函〔2026〕1号", today), Ok(()));
        let with = |change: &dyn Fn(&mut ExchangeTemplate)| {
            let mut template = ExchangeTemplate::shipped();
            change(&mut template);
            template.may_set(today, "示例", today).expect_err("refused").what
        };
        assert!(with(&|t| drop(t.columns.remove(7))).contains("缺少“证书编号”列"));
        assert!(with(&|t| t.columns[1].heading = "姓名".into()).contains("重复"));
        assert!(with(&|t| t.name = " ".into()).contains("模板名称"));
        assert!(with(&|t| t.columns[1].codes[0].theirs = String::new()).contains("代码"));
        let before = good.may_set(today.yesterday().expect("a day"), "示例", today).expect_err("refused");
        assert_eq!(before.field, Some("from"));
        assert_eq!(good.may_set(today, " ", today).expect_err("refused").field, Some("reason"));
    }

    #[test]
    fn s3_3_6_a_certificate_goes_up_as_it_stands() {
        use CertificateState as S;
        use ExchangeKind as K;
        for (now, before, kind) in [
            (S::Valid, None, Some(K::Issue)),
            (S::Void, None, None),
            (S::Suspended, None, None),
            (S::Valid, Some(S::Valid), Some(K::Correct)),
            (S::Suspended, Some(S::Valid), Some(K::Suspend)),
            (S::Valid, Some(S::Suspended), Some(K::Resume)),
            (S::Revoked, Some(S::Suspended), Some(K::Revoke)),
            (S::Void, Some(S::Valid), Some(K::Void)),
        ] {
            assert_eq!(due_kind(now, before), kind, "{now:?} after {before:?}");
        }
    }

    #[test]
    fn s3_3_6_an_answer_counts_once_and_a_contradiction_changes_nothing() {
        use RowState as R;
        assert_eq!(settle(R::Sent, None, &Outcome::Accepted("N1")), Ok(Settled::Moves(R::Accepted)));
        assert_eq!(settle(R::ToSend, None, &Outcome::Rejected), Ok(Settled::Moves(R::Rejected)));
        assert_eq!(settle(R::Accepted, Some("N1"), &Outcome::Accepted("N1")), Ok(Settled::Same));
        assert_eq!(settle(R::Rejected, None, &Outcome::Rejected), Ok(Settled::Same));
        for (state, id, outcome) in [
            (R::Accepted, Some("N1"), Outcome::Accepted("N2")),
            (R::Accepted, Some("N1"), Outcome::Rejected),
            (R::Rejected, None, Outcome::Accepted("N1")),
            (R::Withdrawn, None, Outcome::Rejected),
        ] {
            assert!(settle(state, id, &outcome).is_err(), "{state:?} {outcome:?}");
        }
        assert_eq!(
            (read_outcome(" 导入成功"), read_outcome("不通过"), read_outcome("处理中")),
            (Some(true), Some(false), None)
        );
    }
}
