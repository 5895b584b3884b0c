//! Who stands at the door. Its fields are private: a caller comes from a session, from the operator's command line
//! or from the timer, never from a handler.

use rules::jurisdiction::BodyKind;
use rules::people::Role;
use rules::permission::{self, ActKind, Reach};

use super::{Standing, Stop};

/// For whom someone acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seat {
    /// A body, by its id.
    Body(i64),
    /// An office, by its code.
    Office(String),
    /// The platform itself.
    Platform,
    /// Nobody: the public.
    Nobody,
}

/// By which way someone came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Web,
    Api,
    Cli,
    Timer,
}

impl Via {
    /// As the record keeps it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Timer => "timer",
        }
    }
}

/// Who stands at the door.
#[derive(Debug, Clone)]
pub struct Caller {
    account: Option<i64>,
    name: String,
    role: Role,
    seat: Seat,
    seat_name: String,
    via: Via,
    must_change: bool,
    kind: Option<BodyKind>,
    own: Option<OwnPerson>,
}

/// The person that a candidate has shown to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPerson {
    /// Keyed hash of the identity number.
    pub id_key: String,
    /// Keyed hash of number and name.
    pub person_key: String,
    /// The latest registration: what traces name.
    pub candidate: i64,
    /// The session, as it is kept.
    pub session: String,
}

/// What a list may hold for a caller; `None` means no bound of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    pub body: Option<i64>,
    pub centre: Option<String>,
    pub bureau: Option<String>,
}

impl Caller {
    /// Anyone, without an account.
    pub fn public(via: Via) -> Self {
        Self {
            account: None,
            name: Role::Public.name().into(),
            role: Role::Public,
            seat: Seat::Nobody,
            seat_name: String::new(),
            via,
            must_change: false,
            kind: None,
            own: None,
        }
    }

    /// The platform's own timer.
    pub fn timer() -> Self {
        Self {
            account: None,
            name: Role::Timer.name().into(),
            role: Role::Timer,
            seat: Seat::Platform,
            seat_name: "平台".into(),
            via: Via::Timer,
            must_change: false,
            kind: None,
            own: None,
        }
    }

    /// The operator at the command line, before there is any account.
    pub fn operator() -> Self {
        Self {
            account: None,
            name: "运维人员".into(),
            role: Role::Administrator,
            seat: Seat::Platform,
            seat_name: "平台".into(),
            via: Via::Cli,
            must_change: false,
            kind: None,
            own: None,
        }
    }

    /// Someone who has signed in; made by the account store alone.
    pub(crate) fn signed_in(
        account: i64,
        name: String,
        role: Role,
        (seat, seat_name): (Seat, String),
        via: Via,
        must_change: bool,
    ) -> Self {
        Self { account: Some(account), name, role, seat, seat_name, via, must_change, kind: None, own: None }
    }

    /// A candidate who has shown to be one; made by the candidates' store alone.
    pub(crate) fn candidate(own: OwnPerson, via: Via) -> Self {
        let name = Role::Candidate.name().into();
        Self { name, role: Role::Candidate, own: Some(own), ..Self::public(via) }
    }

    /// The person that a candidate has shown to be.
    pub(crate) fn own(&self) -> Option<&OwnPerson> {
        self.own.as_ref()
    }

    /// The same, whose seat is a body of this kind.
    pub(crate) fn of_kind(self, kind: Option<BodyKind>) -> Self {
        Self { kind, ..self }
    }

    /// What kind of body the seat is; `None` for offices and the public.
    pub fn body_kind(&self) -> Option<BodyKind> {
        self.kind
    }

    /// The account, if there is one.
    pub fn account(&self) -> Option<i64> {
        self.account
    }

    /// The person's name as registered.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// For whom the caller acts.
    pub fn seat(&self) -> &Seat {
        &self.seat
    }

    /// The name of the body or office.
    pub fn seat_name(&self) -> &str {
        &self.seat_name
    }

    /// The way in.
    pub fn via(&self) -> Via {
        self.via
    }

    /// Whether the password must be changed before anything else.
    ///
    /// The operator at the command line acts in someone's name without knowing their password.
    pub fn must_change(&self) -> bool {
        self.must_change && self.via != Via::Cli
    }

    /// Whether the caller is more than the public.
    pub fn is_signed_in(&self) -> bool {
        self.role != Role::Public
    }

    /// How far the caller's grant of an act reaches. What anyone may do, someone with an account may do too.
    ///
    /// # Errors
    /// Sign in first, not granted, or the refusal that an account's first password stands in the way.
    pub fn granted(&self, act: ActKind) -> Result<Reach, Stop> {
        let granted = permission::may(self.role, act).or_else(|| permission::may(Role::Public, act));
        match granted {
            None if self.is_signed_in() => Err(Stop::NotGranted),
            None => Err(Stop::SignInFirst),
            Some(_) if self.must_change() && !matches!(act, ActKind::ChangePassword | ActKind::SignOut) => {
                Err(super::password_first().into())
            }
            Some(reach) => Ok(reach),
        }
    }

    /// The body of the seat, for clerks and heads.
    pub fn body(&self) -> Option<i64> {
        match self.seat {
            Seat::Body(id) => Some(id),
            _ => None,
        }
    }

    /// The office of the seat.
    pub fn office(&self) -> Option<&str> {
        match &self.seat {
            Seat::Office(code) => Some(code),
            _ => None,
        }
    }

    /// Whether a record that stands there is within this reach.
    pub(super) fn reaches(&self, reach: Reach, standing: &Standing) -> bool {
        match reach {
            Reach::Anywhere => match (standing.account, self.role) {
                (Some(owner), role) if role != Role::Administrator => Some(owner) == self.account,
                _ => true,
            },
            Reach::Own => standing.body.is_some() && standing.body == self.body(),
            Reach::Charge => standing.centre.is_some() && standing.centre.as_deref() == self.office(),
            Reach::Territory => match self.role {
                Role::ProvincialCentre | Role::ProvincialDepartment => true,
                Role::CityCentre => standing.body.is_none() || standing.centre.as_deref() == self.office(),
                Role::CityBureau => standing.body.is_none() || standing.bureau.as_deref() == self.office(),
                _ => false,
            },
        }
    }

    /// What a list may hold for this caller. Everything is bounded by a value that matches nothing unless granted.
    pub fn scope(&self) -> Scope {
        match self.role {
            Role::ProvincialCentre | Role::ProvincialDepartment | Role::Administrator | Role::Timer => Scope::default(),
            Role::CityCentre => Scope { centre: Some(self.office().unwrap_or_default().into()), ..Scope::default() },
            Role::CityBureau => Scope { bureau: Some(self.office().unwrap_or_default().into()), ..Scope::default() },
            Role::Clerk | Role::Head | Role::Candidate | Role::Public | Role::Employer => {
                Scope { body: Some(self.body().unwrap_or(-1)), ..Scope::default() }
            }
        }
    }
}
