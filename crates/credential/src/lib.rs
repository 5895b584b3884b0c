//! The electronic certificate as a verifiable credential that a stranger can check: the data model of W3C Verifiable
//! Credentials 2.0 filled in as an Open Badges 3.0 achievement, Data Integrity proofs with Ed25519, status lists,
//! the same facts as an SD-JWT whose holder chooses what to show, and a detached SM2 signature beside them.
//!
//! Pure: no clock, no chance, no network, no database. The instant, the keys' documents and the status lists come in
//! as arguments; JSON-LD contexts stand in the binary and are never fetched. Whatever is not understood is refused.

mod badge;
mod canon;
mod context;
mod did;
mod flaw;
mod integrity;
mod json;
mod key;
mod model;
mod national;
mod sd_jwt;
mod shape;
mod status;
pub mod vc_api;

mod verify;

pub use badge::{Badge, Holder, Issuer, LogReference, Place, identity_hash};
pub use canon::{canonical, canonical_plain};
pub use context::{CREDENTIALS_V2, Contexts, EXAMPLES_V2, OPEN_BADGES};
pub use did::{Documents, did_document, with_json_web_key};
pub use flaw::Flaw;
pub use integrity::{Expected, ProofOptions, Purpose, Suite, add_proof, check_proofs};
pub use json::{jcs, read_json};
pub use key::{did_key, read_multikey, write_multikey};
pub use model::{check_credential, check_presentation};
pub use national::{Sm2PublicKey, Sm2SecretKey, check_sm2, sign_sm2};

pub use sd_jwt::{Claim, HolderProof, SdJwt, Shown, bind_holder, issue_sd_jwt, verify_sd_jwt};
pub use status::{LIST_LENGTH, ListOf, StatusEntry, StatusList, StatusPurpose, place_of};
pub use verify::{StatusLists, Verified, VerifiedPresentation, Verifier};
