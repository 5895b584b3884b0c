//! Pages.
use axum::Router;
use crate::web::Web;
/// The feature's pages.
pub fn pages() -> Router<Web> { Router::new() }
