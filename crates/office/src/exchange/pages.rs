//! The pages.
use axum::Router;
use crate::web::Web;
use crate::web::api::Registry;
pub fn pages() -> Router<Web> { Router::new() }
pub(super) fn api(registry: Registry) -> Registry { registry }
