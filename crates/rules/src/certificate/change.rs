//! What becomes of a certificate after its issue (三（三）). An issued record is never edited: a correction and a reissue make
//! a new version with the same number, whose paper replaces the one before; a suspension, its end, a revocation and a voiding
//! change whether it stands. Each has its reason, its evidence and two persons; that, `proposal` sees to.

use serde::{Deserialize, Serialize};

use super::CertificateState;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::term::{Term, Terms};
use crate::{Day, Ground, Refusal};

/// What is to become of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateChangeKind {
    /// What it says of its holder is wrong: a new version with the same number.
    Correct,
    /// Lost or spoiled: new paper with the same number.
    Reissue,
    /// Not to be relied on while something is looked into.
    Suspend,
    /// A suspension ends.
    Resume,
    /// Come by wrongly: the holder has no right to it.
    Revoke,
    /// Should not have been issued as it is: level, year or body are wrong. The person may be issued to anew.
    Void,
}

impl CertificateChangeKind {
    /// Every kind.
    pub const ALL: &'static [Self] =
        &[Self::Correct, Self::Reissue, Self::Suspend, Self::Resume, Self::Revoke, Self::Void];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Reissue => "reissue",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
            Self::Void => "void",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correct => "更正",
            Self::Reissue => "补发",
            Self::Suspend => "暂停使用",
            Self::Resume => "恢复使用",
            Self::Revoke => "撤销",
            Self::Void => "注销",
        }
    }

    /// When it is the right thing to do, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Correct => "持证人的姓名、证件号码或照片有误。编号不变，换发新证，原来的纸质证书作废",
            Self::Reissue => "证书遗失或损毁。编号不变，重新制作，原来的纸质证书作废",
            Self::Suspend => "证书是否有效正在核查。核查期间查询结果显示“暂停使用”",
            Self::Resume => "核查结束，证书没有问题",
            Self::Revoke => "以欺骗等不正当手段取得。查询结果显示“已撤销”，编号不再使用，不能恢复",
            Self::Void => "等级、年份或机构有误，或不应发出。编号不再使用，可以另取编号重新核发",
        }
    }

    /// Whether new paper comes of it, which replaces the paper before.
    pub const fn is_new_version(self) -> bool {
        matches!(self, Self::Correct | Self::Reissue)
    }

    /// Whether the holder may ask for it.
    pub const fn may_be_asked(self) -> bool {
        self.is_new_version()
    }

    /// The state that follows, if this can be done to a certificate in that state.
    pub fn follows(self, state: CertificateState) -> Result<CertificateState, Refusal> {
        use CertificateState::{Revoked, Suspended, Valid, Void};
        match (self, state) {
            (Self::Correct | Self::Reissue | Self::Resume, Valid | Suspended) if self.fits(state) => Ok(Valid),
            (Self::Suspend, Valid) => Ok(Suspended),
            (Self::Revoke, Valid | Suspended) => Ok(Revoked),
            (Self::Void, Valid | Suspended) => Ok(Void),
            _ => {
                let remedy = match state {
                    Valid => "没有暂停使用的证书，无需恢复",
                    Suspended => "请先办理恢复使用，或撤销、注销",
                    Revoked | Void => "这是最后的状态，证书不再变更；应当另发的，请重新核发",
                };
                Err(Refusal::new(Clause::S3_3_6, format!("证书{}，不能{}", state.name(), self.name())).remedy(remedy))
            }
        }
    }

    const fn fits(self, state: CertificateState) -> bool {
        matches!((self, state), (Self::Resume, CertificateState::Suspended))
            || (self.is_new_version() && matches!(state, CertificateState::Valid))
    }
}

/// A change that somebody proposes.
#[derive(Debug, Clone, Copy)]
pub struct Proposed<'a> {
    pub kind: CertificateChangeKind,
    pub state: CertificateState,
    pub reason: &'a str,
    pub has_evidence: bool,
    /// Whether a correction names something that is other than it was.
    pub changes_something: bool,
    /// Other proposals about the certificate that wait for their answer.
    pub open: i64,
}

/// Whether a change may be proposed.
pub fn may_propose(proposed: &Proposed<'_>) -> Result<(), Refusal> {
    let refuse =
        |what: String, remedy: &str, field| Err(Refusal::new(Clause::S3_3_6, what).remedy(remedy.to_owned()).at(field));
    proposed.kind.follows(proposed.state)?;
    if proposed.open > 0 {
        return refuse("这本证书已有一项变更待同意".into(), "请先答复或撤回那一项", "kind");
    }
    let name = proposed.kind.name();
    match proposed.reason.trim().chars().count() {
        0..5 => return refuse(format!("没有写明{name}的理由"), "请写明理由，至少 5 个字；它随证书保存", "reason"),
        501.. => return refuse(format!("{name}的理由超过 500 字"), "请概括要点，其余放进依据文件", "reason"),
        _ => {}
    }
    if !proposed.has_evidence {
        return refuse(format!("没有附上{name}的依据"), "请上传持证人的申请、证件复印件或核查结论的扫描件", "file");
    }
    if proposed.kind == CertificateChangeKind::Correct && !proposed.changes_something {
        return refuse(
            "没有写明更正什么".into(),
            "请填写正确的姓名、证件号码，或更换照片；都无误的，请选择补发",
            "name",
        );
    }
    Ok(())
}

/// Where a holder's request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateRequestState {
    /// Asked, not answered.
    Open,
    /// Done as asked.
    Done,
    /// Not done, with the reason.
    Declined,
}

impl CertificateRequestState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Open, Self::Done, Self::Declined];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Declined => "declined",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "办理中",
            Self::Done => "已办结",
            Self::Declined => "不予办理",
        }
    }

    /// Whether it can still be answered.
    pub fn is_open(self) -> Result<(), Refusal> {
        if self == Self::Open {
            return Ok(());
        }
        Err(Refusal::new(Clause::S3_3_6, format!("这件申请{}", self.name())).remedy("无需再次答复"))
    }
}

/// What a holder's request is called in refusals that no clause speaks of.
pub const REQUEST: Ground = Ground::House("证书变更申请");

/// Whether a holder may ask for this, where so many requests of theirs are open.
pub fn may_ask(kind: CertificateChangeKind, state: CertificateState, open: i64) -> Result<(), Refusal> {
    if !kind.may_be_asked() {
        return Err(Refusal::new(REQUEST, format!("{}由机构办理，不由持证人申请", kind.name()))
            .remedy("持证人可以申请更正或补发")
            .at("kind"));
    }
    if open > 0 {
        return Err(Refusal::new(REQUEST, "这本证书已有一件申请在办理")
            .remedy("请凭先前的回执号查看进展，有了结果再申请")
            .at("number"));
    }
    kind.follows(state).map(|_| ())
}

/// Reason and contact of a holder's request, as they are kept.
pub fn read_request(reason: &str, contact: &str) -> Result<(String, String), Refusal> {
    let (reason, contact) = (reason.trim(), contact.trim());
    let ask = |what: &str, remedy: &str, field| Err(Refusal::new(REQUEST, what).remedy(remedy).at(field));
    match (reason.chars().count(), contact.chars().count()) {
        (0..5, _) => ask("没有写明申请的事由", "请写明哪里有误、正确的是什么，或怎样遗失、损毁，至少 5 个字", "reason"),
        (2001.., _) => ask("申请的事由超过 2000 字", "请概括要点，证明材料可在机构核对时提供", "reason"),
        (_, 0..5) => ask("没有留下联系方式", "请填写电话或电子邮箱，只供办理时联系，不公开", "contact"),
        (_, 101..) => ask("联系方式超过 100 字", "请只填写一个电话或电子邮箱", "contact"),
        _ => Ok((reason.to_owned(), contact.to_owned())),
    }
}

/// The last day on which a request is answered.
pub fn request_due(asked_on: Day, calendar: &Calendar, terms: &Terms) -> Result<Day, Refusal> {
    calendar.add(asked_on, terms.count(Term::CertificateRequestWithin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_3_6_what_can_become_of_a_certificate_depends_on_where_it_stands() {
        use CertificateState::{Revoked, Suspended, Valid, Void};
        let allowed = [
            (CertificateChangeKind::Correct, Valid, Valid),
            (CertificateChangeKind::Reissue, Valid, Valid),
            (CertificateChangeKind::Suspend, Valid, Suspended),
            (CertificateChangeKind::Resume, Suspended, Valid),
            (CertificateChangeKind::Revoke, Valid, Revoked),
            (CertificateChangeKind::Revoke, Suspended, Revoked),
            (CertificateChangeKind::Void, Valid, Void),
            (CertificateChangeKind::Void, Suspended, Void),
        ];
        for &kind in CertificateChangeKind::ALL {
            assert_eq!(CertificateChangeKind::from_code(kind.code()), Some(kind));
            for &state in CertificateState::ALL {
                let expected = allowed.iter().find(|(k, s, _)| (*k, *s) == (kind, state)).map(|(_, _, after)| *after);
                let follows = kind.follows(state);
                assert_eq!(follows.as_ref().ok().copied(), expected, "{kind:?} {state:?}");
                if let Err(refusal) = follows {
                    assert_eq!(refusal.ground.clause(), Some(Clause::S3_3_6));
                }
            }
        }
    }

    #[test]
    fn s3_3_6_a_change_has_its_reason_its_evidence_and_something_to_change() {
        let good = Proposed {
            kind: CertificateChangeKind::Correct,
            state: CertificateState::Valid,
            reason: "姓名录入有误",
            has_evidence: true,
            changes_something: true,
            open: 0,
        };
        assert_eq!(may_propose(&good), Ok(()));
        assert_eq!(
            may_propose(&Proposed { kind: CertificateChangeKind::Reissue, changes_something: false, ..good }),
            Ok(())
        );
        for (bad, field) in [
            (Proposed { reason: "有误", ..good }, Some("reason")),
            (Proposed { has_evidence: false, ..good }, Some("file")),
            (Proposed { changes_something: false, ..good }, Some("name")),
            (Proposed { open: 1, ..good }, Some("kind")),
            (Proposed { state: CertificateState::Void, ..good }, None),
        ] {
            let refusal = may_propose(&bad).unwrap_err();
            assert_eq!((refusal.field, refusal.ground.clause()), (field, Some(Clause::S3_3_6)), "{bad:?}");
        }
    }

    #[test]
    fn s3_3_6_a_holder_asks_for_a_correction_or_new_paper_one_at_a_time() {
        let may = |kind, state, open| may_ask(kind, state, open).is_ok();
        for &kind in CertificateChangeKind::ALL {
            assert_eq!(may(kind, CertificateState::Valid, 0), kind.may_be_asked(), "{kind:?}");
        }
        assert!(read_request("证书在搬家时遗失", "示例联系方式").is_ok());
        assert_eq!(read_request("丢失", "示例联系方式").unwrap_err().field, Some("reason"));
        assert_eq!(read_request("证书在搬家时遗失", "无").unwrap_err().field, Some("contact"));
        assert!(!may(CertificateChangeKind::Reissue, CertificateState::Valid, 1));
        assert!(!may(CertificateChangeKind::Reissue, CertificateState::Revoked, 0));
        for state in CertificateRequestState::ALL {
            assert_eq!(CertificateRequestState::from_code(state.code()), Some(*state));
            assert_eq!(state.is_open().is_ok(), *state == CertificateRequestState::Open);
        }
    }
}
