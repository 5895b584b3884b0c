//! 二（二）4: a holder lets somebody look at a certificate by a link: which entries stand there in full, until when. The notice is
//! silent on it; what stands here are defaults of the platform.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::term::{Term, Terms};
use crate::terms::SHARES_MAX;
use crate::{Ground, Refusal};

const SHARE: Ground = Ground::House("证书出示链接");
const DAY_MS: i64 = 86_400_000;

/// An entry of a certificate that its holder may show in full. Occupation, level, body and state are always shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShareField {
    Name,
    IdNumber,
    Number,
    ExamOn,
    IssuedOn,
}

impl ShareField {
    /// Every entry, in the order of the certificate.
    pub const ALL: &'static [Self] = &[Self::Name, Self::IdNumber, Self::Number, Self::ExamOn, Self::IssuedOn];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::IdNumber => "id_number",
            Self::Number => "number",
            Self::ExamOn => "exam_on",
            Self::IssuedOn => "issued_on",
        }
    }

    /// The entry with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::IdNumber => "证件号码",
            Self::Number => "证书编号",
            Self::ExamOn => "考试日期",
            Self::IssuedOn => "发证日期",
        }
    }

    /// Entries as one text, and back.
    pub fn written(fields: &BTreeSet<Self>) -> String {
        fields.iter().map(|field| field.code()).collect::<Vec<_>>().join(" ")
    }

    /// The entries of such a text.
    pub fn read(text: &str) -> BTreeSet<Self> {
        text.split_whitespace().filter_map(Self::from_code).collect()
    }
}

/// Until when a link is good that is made now for so many days; `open` links of this certificate are good already. Instants are
/// milliseconds.
pub fn may_share(days: i64, open: i64, now: i64, terms: &Terms) -> Result<i64, Refusal> {
    let most = terms.get(Term::ShareDays);
    if !(1..=most).contains(&days) {
        return Err(Refusal::new(SHARE, format!("链接有效 {days} 天，不在 1 至 {most} 天之内"))
            .remedy(format!("请填写 1 至 {most} 之间的天数；到期后可以再建"))
            .at("days"));
    }
    if open >= SHARES_MAX {
        return Err(Refusal::new(SHARE, format!("这本证书已有 {open} 个有效的链接")).remedy("请先停用不再需要的链接"));
    }
    Ok(now + days * DAY_MS)
}

/// Whether a link opens.
pub const fn is_open(expires_at: i64, ended_at: Option<i64>, now: i64) -> bool {
    ended_at.is_none() && now < expires_at
}

/// Whether a link may be ended by its holder.
pub fn may_end(expires_at: i64, ended_at: Option<i64>, now: i64) -> Result<(), Refusal> {
    if is_open(expires_at, ended_at, now) {
        return Ok(());
    }
    Err(Refusal::new(SHARE, "链接已经失效").remedy("已到期或停用的链接打不开，无需再停用"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn house_a_link_is_good_for_its_days_and_not_longer() {
        let terms = Terms::default();
        let most = terms.get(Term::ShareDays);
        assert_eq!(may_share(1, 0, 5, &terms), Ok(5 + DAY_MS));
        assert_eq!(may_share(most, SHARES_MAX - 1, 0, &terms), Ok(most * DAY_MS));
        assert_eq!(may_share(0, 0, 0, &terms).map_err(|refusal| refusal.field), Err(Some("days")));
        assert!(may_share(most + 1, 0, 0, &terms).is_err() && may_share(1, SHARES_MAX, 0, &terms).is_err());
        assert!(is_open(10, None, 9) && !is_open(10, None, 10) && !is_open(10, Some(1), 9));
        assert!(may_end(10, None, 9).is_ok() && may_end(10, None, 10).is_err() && may_end(10, Some(1), 9).is_err());
    }

    #[test]
    fn house_entries_are_read_as_they_were_written() {
        let all: BTreeSet<ShareField> = ShareField::ALL.iter().copied().collect();
        assert_eq!(ShareField::read(&ShareField::written(&all)), all);
        assert_eq!(ShareField::read(""), BTreeSet::new());
        let two = ShareField::read("number nothing name");
        assert_eq!(ShareField::written(&two), "name number");
    }
}
