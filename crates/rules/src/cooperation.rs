//! 一（一）: as what a body assesses, and the cooperation that an enterprise or a social organisation needs to do so for a
//! school's students: the agreement of an enterprise with a school (一（一）1), the request of a school to an
//! organisation (一（一）2). Both are one concept with one table of states.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::{Audience, Plan, ScopeEntry};
use crate::certificate::Level;
use crate::jurisdiction::BodyKind;
use crate::notice::Clause;
use crate::refusal::Refusal;

/// As what a body assesses: decided by what it is and by the letter of the filing number that it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A technical school with its own filing: own students.
    TechnicalSchool,
    /// A college or university with its own filing: own students.
    College,
    /// An enterprise on file: students of a school that it has an agreement with.
    Enterprise,
    /// A selected social evaluation organisation: students of a school that has asked for it.
    Organisation,
}

impl Identity {
    /// The identity behind a filing number of this letter: `S` is an organisation's whoever bears it, for a school may
    /// have been selected as one beside its own filing.
    pub const fn of(kind: BodyKind, letter: char) -> Self {
        match (letter, kind) {
            ('S', _) | (_, BodyKind::SocialOrganisation) => Self::Organisation,
            (_, BodyKind::Enterprise) => Self::Enterprise,
            (_, BodyKind::TechnicalSchool) => Self::TechnicalSchool,
            (_, BodyKind::College) => Self::College,
        }
    }

    /// The clause under which it assesses.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Enterprise => Clause::S1_1_1,
            Self::Organisation => Clause::S1_1_2,
            Self::TechnicalSchool => Clause::S1_1_3,
            Self::College => Clause::S1_1_4,
        }
    }

    /// The kind of cooperation that its batches rest on; none for a school with its own filing.
    pub const fn rests_on(self) -> Option<CooperationKind> {
        match self {
            Self::Enterprise => Some(CooperationKind::Agreement),
            Self::Organisation => Some(CooperationKind::Request),
            Self::TechnicalSchool | Self::College => None,
        }
    }
}

/// What a cooperation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CooperationKind {
    /// 企校合作协议: an enterprise and a school; either may propose it.
    Agreement,
    /// 院校的需求: a school asks an organisation.
    Request,
}

impl CooperationKind {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Agreement, Self::Request];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Agreement => "agreement",
            Self::Request => "request",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agreement => "企校合作协议",
            Self::Request => "院校认定需求",
        }
    }

    /// The clause that it rests on.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Agreement => Clause::S1_1_1,
            Self::Request => Clause::S1_1_2,
        }
    }

    /// The identity that the evaluator must have.
    pub const fn identity(self) -> Identity {
        match self {
            Self::Agreement => Identity::Enterprise,
            Self::Request => Identity::Organisation,
        }
    }
}

/// Where a cooperation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CooperationState {
    /// With the other side.
    Proposed,
    /// Confirmed or accepted; batches may rest on it.
    Standing,
    /// The other side said no.
    Declined,
    /// Taken back before the other side had spoken.
    Withdrawn,
    /// Ended by either side.
    Ended,
}

impl CooperationState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Proposed, Self::Standing, Self::Declined, Self::Withdrawn, Self::Ended];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Standing => "standing",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Ended => "ended",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "待答复",
            Self::Standing => "已确认",
            Self::Declined => "未同意",
            Self::Withdrawn => "已撤回",
            Self::Ended => "已终止",
        }
    }
}

/// What moves a cooperation on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CooperationStep {
    /// The other side agrees.
    Confirm,
    /// The other side does not.
    Decline,
    /// The proposer takes it back.
    Withdraw,
    /// Either side ends it.
    End,
}

impl CooperationStep {
    /// Every step.
    pub const ALL: &'static [Self] = &[Self::Confirm, Self::Decline, Self::Withdraw, Self::End];

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirm => "确认",
            Self::Decline => "不同意",
            Self::Withdraw => "撤回",
            Self::End => "终止",
        }
    }

    /// Whether this side takes it.
    pub const fn is_for(self, side: Side) -> bool {
        match (self, side) {
            (Self::Confirm | Self::Decline, Side::Other) | (Self::Withdraw, Side::Proposer) | (Self::End, _) => true,
            (Self::Confirm | Self::Decline, Side::Proposer) | (Self::Withdraw, Side::Other) => false,
        }
    }
}

/// Which of the two sides someone sits on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who proposed it.
    Proposer,
    /// Who has to answer.
    Other,
}

/// The state after a step by a side: the one table of cooperation.
pub fn next(
    kind: CooperationKind,
    state: CooperationState,
    step: CooperationStep,
    side: Side,
) -> Result<CooperationState, Refusal> {
    use CooperationState as S;
    use CooperationStep as T;
    let refuse = |what: String, remedy: &str| Err(Refusal::new(kind.clause(), what).remedy(remedy));
    if !step.is_for(side) {
        let (what, remedy) = match side {
            Side::Proposer => ("由对方答复，提出的一方不能代为答复", "请等待对方负责人答复；不再需要的可以撤回"),
            Side::Other => ("由提出的一方撤回", "不同意的，请写明理由答复对方"),
        };
        return refuse(format!("“{}”{what}", kind.name()), remedy);
    }
    match (state, step) {
        (S::Proposed, T::Confirm) => Ok(S::Standing),
        (S::Proposed, T::Decline) => Ok(S::Declined),
        (S::Proposed, T::Withdraw) => Ok(S::Withdrawn),
        (S::Standing, T::End) => Ok(S::Ended),
        (S::Proposed, T::End)
        | (S::Standing, T::Confirm | T::Decline | T::Withdraw)
        | (S::Declined | S::Withdrawn | S::Ended, _) => {
            let remedy = match state {
                S::Proposed => "对方确认之前可以撤回，确认之后才能终止",
                S::Standing => "不再合作的，请办理终止",
                S::Declined | S::Withdrawn | S::Ended => "要再合作，请重新提出",
            };
            refuse(format!("“{}”现为“{}”，不能{}", kind.name(), state.name(), step.name()), remedy)
        }
    }
}

/// What a body of one kind proposes to one of another, and whether the proposer is the school. `selected` says that the
/// partner was named by a number that begins with `S`.
pub fn proposed(own: BodyKind, partner: BodyKind, selected: bool) -> Result<(CooperationKind, bool), Refusal> {
    use BodyKind::{College, Enterprise, SocialOrganisation, TechnicalSchool};
    match (own, partner) {
        (TechnicalSchool | College, TechnicalSchool | College) if selected => Ok((CooperationKind::Request, true)),
        (TechnicalSchool | College, SocialOrganisation) => Ok((CooperationKind::Request, true)),
        (TechnicalSchool | College, Enterprise) => Ok((CooperationKind::Agreement, true)),
        (Enterprise, TechnicalSchool | College) => Ok((CooperationKind::Agreement, false)),
        (SocialOrganisation, _) => {
            Err(Refusal::new(Clause::S1_1_2, "社会培训评价组织根据院校需求开展认定，不由组织提出")
                .remedy("请院校登录后提出需求，再由本组织答复")
                .at("partner"))
        }
        (TechnicalSchool | College, TechnicalSchool | College) => {
            Err(Refusal::new(Clause::S3_3_3, "院校不得授权或委托其他院校开展认定")
                .remedy("请填写已备案的企业，或被遴选为社会培训评价组织的机构（编号以S开头）")
                .at("partner"))
        }
        (Enterprise, Enterprise | SocialOrganisation) => {
            Err(Refusal::new(Clause::S1_1_1, "企业通过企校合作为院校学生认定，对方不是院校")
                .remedy("请填写技工院校的机构备案编号或统一社会信用代码")
                .at("partner"))
        }
    }
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub kind: CooperationKind,
    /// First and last day on which batches may be held.
    pub from: Day,
    pub until: Day,
    /// The day on which the paper was signed.
    pub signed_on: Day,
    /// Occupation codes and levels.
    pub scope: Vec<(String, Level)>,
    /// Students expected; a request says how many.
    pub expected: i64,
    /// Whether the signed paper is there: the agreement, the letter.
    pub has_file: bool,
}

/// The two who cooperate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties<'a> {
    pub evaluator: &'a str,
    /// What the evaluator has in the directory under the identity that the kind asks for; empty where nothing.
    pub listed: &'a [Listed],
    pub school_kind: BodyKind,
    pub is_same: bool,
}

/// An occupation and level that an evaluator has in the directory, from its first to its last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub code: String,
    pub level: Level,
    pub from: Day,
    pub until: Day,
}

/// Whether this may be proposed, and confirmed, today: between an evaluator that is in the directory for it and a technical
/// school, with a term, occupations and its paper. The same is asked when the other side agrees, for time has passed.
pub fn may_stand(terms: &Terms, parties: &Parties<'_>, today: Day) -> Result<(), Refusal> {
    let Terms { kind, from, until, signed_on, scope, expected, has_file } = terms;
    let refuse = |what: String, remedy: String, field| Err(Refusal::new(kind.clause(), what).remedy(remedy).at(field));
    if parties.is_same {
        return refuse("合作的双方是同一个机构".into(), "请填写另一方".into(), "partner");
    }
    if parties.school_kind != BodyKind::TechnicalSchool {
        let what = format!("{}不是技工院校，{}只用于技工院校的学生", parties.school_kind.name(), kind.name());
        let remedy = "职业院校、高等院校请按一（一）4自行备案，对本校学生开展认定";
        return refuse(what, remedy.into(), "partner");
    }
    if parties.listed.iter().all(|one| one.until < today) {
        let what = match kind {
            CooperationKind::Agreement => format!("{}不是在有效期内的已备案企业", parties.evaluator),
            CooperationKind::Request => format!("{}不在有效期内的社会培训评价组织名单中", parties.evaluator),
        };
        let remedy = "请在机构目录中选择有效的企业或社会培训评价组织；新公布的由省人社厅登记后即可合作";
        return refuse(what, remedy.into(), "partner");
    }
    if from > until || *until < today {
        let remedy = format!("请填写起止日期，截止日不早于起始日和今天 {today}");
        return refuse(format!("合作期限 {from} 至 {until} 不成立"), remedy, "until");
    }
    if *signed_on > today {
        let remedy = "请填写协议（函件）上实际签署的日期".into();
        return refuse(format!("签署日期 {signed_on} 还没有到"), remedy, "signed_on");
    }
    if scope.is_empty() {
        return refuse("没有写明职业和等级".into(), "请至少选择一个职业和等级".into(), "scope");
    }
    for (code, level) in scope {
        let held = parties.listed.iter().filter(|one| one.code == *code && one.level == *level && one.until >= today);
        if held.clone().next().is_none() {
            let mut codes: Vec<_> = parties
                .listed
                .iter()
                .filter(|one| one.until >= today)
                .map(|one| format!("{} {}", one.code, one.level.name()))
                .collect();
            codes.dedup();
            let what = format!("{}没有 {code} {}的评价范围", parties.evaluator, level.name());
            return refuse(what, format!("请在其目录范围内选择：{}", codes.join("、")), "scope");
        }
    }
    if *kind == CooperationKind::Request && *expected < 1 {
        return refuse("没有写明预计人数".into(), "请填写需要认定的学生人数，至少 1 人".into(), "expected");
    }
    if !has_file {
        let remedy = match kind {
            CooperationKind::Agreement => "请上传双方签署的合作协议",
            CooperationKind::Request => "请上传院校的函件",
        };
        return refuse(format!("缺少{}", kind.name()), remedy.into(), "file");
    }
    Ok(())
}

/// Who says no, or ends it, says why; taking back what was not answered yet needs no reason.
pub fn reason_given(kind: CooperationKind, step: CooperationStep, reason: &str) -> Result<(), Refusal> {
    let length = reason.trim().chars().count();
    let needed = matches!(step, CooperationStep::Decline | CooperationStep::End);
    if (usize::from(needed)..=2000).contains(&length) {
        return Ok(());
    }
    Err(Refusal::new(kind.clause(), format!("没有写明{}的理由，或超过2000字", step.name()))
        .remedy("请用几句话写明理由，对方会看到")
        .at("reason"))
}

/// A cooperation as a batch rests on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooperation {
    pub kind: CooperationKind,
    pub state: CooperationState,
    pub school: String,
    pub from: Day,
    pub until: Day,
    pub scope: Vec<(String, Level)>,
}

/// Whether a batch of an identity may be held on this basis: who has no own students needs a cooperation that stands and
/// covers the batch; who has its own filing rests on that alone.
pub fn basis(
    identity: Identity,
    audience: Audience,
    cooperation: Option<&Cooperation>,
    plan: &Plan,
) -> Result<(), Refusal> {
    let clause = identity.clause();
    let refuse = |what: String, remedy: String| Err(Refusal::new(clause, what).remedy(remedy).at("cooperation"));
    let Some(kind) = identity.rests_on() else {
        return match cooperation {
            None => Ok(()),
            Some(_) => refuse(
                "院校以自己的备案开展认定，不依据合作协议或需求".into(),
                "请不选合作；要为其他院校的学生认定，须先被遴选为社会培训评价组织，用S开头的编号".into(),
            ),
        };
    };
    if audience == Audience::Public {
        let what = "企业、社会培训评价组织在这里只为合作院校的学生认定".to_owned();
        return Err(Refusal::new(clause, what).remedy("请选择合作院校的学生").at("audience"));
    }
    let Some(cooperation) = cooperation.filter(|one| one.kind == kind && kind.identity() == identity) else {
        return match kind {
            CooperationKind::Agreement => refuse(
                "企业为院校学生认定须有企校合作协议，这一批没有写明".into(),
                "请选择已确认的合作协议；还没有的，请先登记协议并由机构负责人确认".into(),
            ),
            CooperationKind::Request => refuse(
                "社会培训评价组织根据院校需求开展认定，这一批没有写明是哪所院校的需求".into(),
                "请选择已接受的院校需求；还没有的，请院校先提出".into(),
            ),
        };
    };
    let Cooperation { state, school, from, until, scope, .. } = cooperation;
    if *state != CooperationState::Standing {
        return refuse(
            format!("与{school}的{}现为“{}”", kind.name(), state.name()),
            "请选择双方已确认、没有终止的合作".into(),
        );
    }
    if plan.starts_on < *from || plan.ends_on > *until {
        return refuse(
            format!("批次 {} 至 {} 不在与{school}的合作期限 {from} 至 {until} 之内", plan.starts_on, plan.ends_on),
            "请将批次安排在合作期限之内，或与院校另订".into(),
        );
    }
    if !scope.iter().any(|(code, level)| *code == plan.code && *level == plan.level) {
        let names: Vec<_> = scope.iter().map(|(code, level)| format!("{code} {}", level.name())).collect();
        return refuse(
            format!("与{school}的合作不含 {} {}", plan.code, plan.level.name()),
            format!("合作的职业和等级为 {}；要开展其他的，请与院校另订", names.join("、")),
        );
    }
    Ok(())
}

/// Whether an enterprise or organisation is in the published list on the days of a batch; what exactly it may assess there
/// is asked as of any other body.
pub fn is_published(identity: Identity, scope: &[ScopeEntry], plan: &Plan) -> Result<(), Refusal> {
    let covers = |entry: &ScopeEntry| entry.from <= plan.starts_on && plan.ends_on <= entry.until;
    let Some(kind) = identity.rests_on().filter(|_| !scope.iter().any(covers)) else { return Ok(()) };
    let list = match kind {
        CooperationKind::Agreement => "已备案企业的目录",
        CooperationKind::Request => "已公布的社会培训评价组织名单",
    };
    let last = scope.iter().map(|entry| entry.until).max();
    let what = match last {
        Some(until) => format!("本机构在{list}中的有效期到 {until} 为止，批次不在有效期内"),
        None => format!("本机构不在{list}中"),
    };
    Err(Refusal::new(identity.clause(), what)
        .remedy("人社部门备案或公布后，由省人社厅登记列入目录，再通报批次")
        .at("starts_on"))
}

/// Nobody is registered any more for a school that does not cooperate any more; who is registered is examined.
pub fn open_to_register(identity: Identity, state: CooperationState, school: &str) -> Result<(), Refusal> {
    if state == CooperationState::Standing {
        return Ok(());
    }
    Err(Refusal::new(identity.clause(), format!("与{school}的合作{}，不能再报名", state.name()))
        .remedy("已报名的考生照常办理；要增加考生，请与院校另订合作后另行通报批次")
        .at("roster"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    const CODE: &str = "6-18-01-01";

    fn terms(kind: CooperationKind) -> Terms {
        Terms {
            kind,
            from: day("2026-06-01"),
            until: day("2027-05-31"),
            signed_on: day("2026-05-20"),
            scope: vec![(CODE.into(), Level::L4)],
            expected: 30,
            has_file: true,
        }
    }

    fn listed() -> Vec<Listed> {
        vec![Listed { code: CODE.into(), level: Level::L4, from: day("2025-01-01"), until: day("2027-12-31") }]
    }

    fn plan(starts_on: &str) -> Plan {
        let on = day(starts_on);
        Plan {
            code: CODE.into(),
            level: Level::L4,
            starts_on: on,
            ends_on: on,
            theory_on: on,
            practical_on: on,
            comprehensive_on: None,
            expected: 30,
            standard: "《车工》（2018年版）".into(),
            places: "示例".into(),
            work_plan: "示例".into(),
        }
    }

    #[test]
    fn s1_1_1_only_the_other_side_answers_and_either_ends() {
        use CooperationState as S;
        use CooperationStep as T;
        let kind = CooperationKind::Agreement;
        let mut allowed = Vec::new();
        for &state in S::ALL {
            for &step in T::ALL {
                for side in [Side::Proposer, Side::Other] {
                    match next(kind, state, step, side) {
                        Ok(to) => allowed.push((state, step, side, to)),
                        Err(refusal) => {
                            assert_eq!(refusal.ground.clause(), Some(Clause::S1_1_1));
                            assert!(!refusal.remedy.is_empty());
                        }
                    }
                }
            }
        }
        assert_eq!(
            allowed,
            [
                (S::Proposed, T::Confirm, Side::Other, S::Standing),
                (S::Proposed, T::Decline, Side::Other, S::Declined),
                (S::Proposed, T::Withdraw, Side::Proposer, S::Withdrawn),
                (S::Standing, T::End, Side::Proposer, S::Ended),
                (S::Standing, T::End, Side::Other, S::Ended),
            ]
        );
        for state in S::ALL {
            assert_eq!(S::from_code(state.code()), Some(*state));
        }
    }

    #[test]
    fn s1_1_2_an_organisation_outside_the_published_list_is_not_asked() {
        let today = day("2026-06-01");
        let check = |change: &dyn Fn(&mut Terms, &mut Parties<'_>), field: Option<&str>| {
            let listed = listed();
            let mut terms = terms(CooperationKind::Request);
            let mut parties = Parties {
                evaluator: "示例组织",
                listed: &listed,
                school_kind: BodyKind::TechnicalSchool,
                is_same: false,
            };
            change(&mut terms, &mut parties);
            let answer = may_stand(&terms, &parties, today);
            assert_eq!(answer.as_ref().err().and_then(|refusal| refusal.field), field, "{answer:?}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.ground.clause(), Some(Clause::S1_1_2));
            }
        };
        check(&|_, _| {}, None);
        check(&|_, parties| parties.listed = &[], Some("partner"));
        check(&|_, parties| parties.school_kind = BodyKind::College, Some("partner"));
        check(&|_, parties| parties.is_same = true, Some("partner"));
        check(&|terms, _| terms.until = day("2026-05-31"), Some("until"));
        check(&|terms, _| terms.signed_on = day("2026-06-02"), Some("signed_on"));
        check(&|terms, _| terms.scope.clear(), Some("scope"));
        check(&|terms, _| terms.scope[0].1 = Level::L3, Some("scope"));
        check(&|terms, _| terms.expected = 0, Some("expected"));
        check(&|terms, _| terms.has_file = false, Some("file"));
        let expired = Listed { until: day("2026-05-31"), ..listed().remove(0) };
        check(
            &move |_, parties| {
                parties.listed = Box::leak(Box::new([expired.clone()]));
            },
            Some("partner"),
        );
    }

    #[test]
    fn s1_1_1_a_batch_for_a_school_rests_on_an_agreement_that_covers_it() {
        let cooperation = |kind| Cooperation {
            kind,
            state: CooperationState::Standing,
            school: "示例学校".into(),
            from: day("2026-06-01"),
            until: day("2027-05-31"),
            scope: vec![(CODE.into(), Level::L4)],
        };
        let (agreement, request) = (cooperation(CooperationKind::Agreement), cooperation(CooperationKind::Request));
        let check = |identity, audience, rests: Option<&Cooperation>, plan: &Plan, allowed: bool| {
            let answer = basis(identity, audience, rests, plan);
            assert_eq!(answer.is_ok(), allowed, "{answer:?}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.ground.clause(), Some(identity.clause()));
                assert!(!refusal.remedy.is_empty());
            }
        };
        let (own, public) = (Audience::Own, Audience::Public);
        let june = plan("2026-06-15");
        check(Identity::Enterprise, own, Some(&agreement), &june, true);
        check(Identity::Enterprise, own, Some(&request), &june, false);
        check(Identity::Enterprise, own, None, &june, false);
        check(Identity::Enterprise, public, Some(&agreement), &june, false);
        check(Identity::Organisation, own, Some(&request), &june, true);
        check(Identity::Organisation, own, None, &june, false);
        check(Identity::TechnicalSchool, own, None, &june, true);
        check(Identity::TechnicalSchool, public, None, &june, true);
        check(Identity::TechnicalSchool, own, Some(&request), &june, false);
        check(Identity::College, own, Some(&agreement), &june, false);
        check(Identity::Enterprise, own, Some(&agreement), &plan("2026-05-31"), false);
        check(Identity::Enterprise, own, Some(&agreement), &plan("2027-06-01"), false);
        check(Identity::Enterprise, own, Some(&agreement), &Plan { level: Level::L3, ..june.clone() }, false);
        let ended = Cooperation { state: CooperationState::Ended, ..agreement };
        check(Identity::Enterprise, own, Some(&ended), &june, false);
    }

    #[test]
    fn s1_1_2_an_organisation_out_of_validity_holds_no_batch() {
        let scope = |until: &str| {
            [ScopeEntry { code: CODE.into(), level: Level::L4, from: day("2025-01-01"), until: day(until), cut: None }]
        };
        let june = plan("2026-06-15");
        assert!(is_published(Identity::Organisation, &scope("2026-06-15"), &june).is_ok());
        for scope in [&scope("2026-06-14")[..], &[]] {
            let refusal = is_published(Identity::Organisation, scope, &june).unwrap_err();
            assert_eq!(refusal.ground.clause(), Some(Clause::S1_1_2));
        }
        assert!(is_published(Identity::TechnicalSchool, &[], &june).is_ok());
    }

    #[test]
    fn s1_1_2_schools_ask_organisations_and_either_proposes_an_agreement() {
        use BodyKind::{College, Enterprise, SocialOrganisation, TechnicalSchool};
        let check = |own, partner, selected, expected: Result<(CooperationKind, bool), Clause>| {
            let answer = proposed(own, partner, selected).map_err(|refusal| refusal.ground.clause().expect("a clause"));
            assert_eq!(answer, expected, "{own:?} {partner:?} {selected}");
        };
        check(TechnicalSchool, Enterprise, false, Ok((CooperationKind::Agreement, true)));
        check(Enterprise, TechnicalSchool, false, Ok((CooperationKind::Agreement, false)));
        check(TechnicalSchool, SocialOrganisation, true, Ok((CooperationKind::Request, true)));
        check(TechnicalSchool, TechnicalSchool, true, Ok((CooperationKind::Request, true)));
        check(TechnicalSchool, TechnicalSchool, false, Err(Clause::S3_3_3));
        check(SocialOrganisation, TechnicalSchool, false, Err(Clause::S1_1_2));
        check(Enterprise, SocialOrganisation, true, Err(Clause::S1_1_1));
        check(College, Enterprise, false, Ok((CooperationKind::Agreement, true)));
    }

    #[test]
    fn s1_1_2_the_letter_of_the_number_says_as_what_a_body_assesses() {
        assert_eq!(Identity::of(BodyKind::TechnicalSchool, 'S'), Identity::Organisation);
        assert_eq!(Identity::of(BodyKind::TechnicalSchool, 'Y'), Identity::TechnicalSchool);
        assert_eq!(Identity::of(BodyKind::Enterprise, 'Y'), Identity::Enterprise);
        assert_eq!(Identity::of(BodyKind::College, 'Y'), Identity::College);
    }
}
