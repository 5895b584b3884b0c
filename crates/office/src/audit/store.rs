//! The record of acts in the database, without the fields of the acts.

use rules::people::Role;
use rules::permission::ActKind;

use super::RecordLine;
use crate::args;
use crate::db::{DbError, Tx};
use crate::door::Scope;
use crate::door::clock::read_out;
use crate::door::store::from_text;

crate::statements! {
    PAGE = "SELECT r.id, r.at, r.act, r.clause, r.account_name, r.role, r.seat, r.via, r.subject, r.subject_id, r.refused
      FROM record r LEFT JOIN body b ON b.id = r.body
      WHERE r.id < ?1 AND (CAST(?2 AS BIGINT) = 0 OR r.refused IS NOT NULL)
        AND (CAST(?3 AS BIGINT) IS NULL OR b.id = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR b.centre = ?4)
        AND (CAST(?5 AS TEXT) IS NULL OR b.bureau = ?5)
      ORDER BY r.id DESC LIMIT ?6";
}

pub(super) fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    before: i64,
    only_refused: bool,
    limit: i64,
) -> Result<Vec<RecordLine>, DbError> {
    let (centre, bureau) = (scope.centre.clone(), scope.bureau.clone());
    let rows = tx.rows(&PAGE, args![before, only_refused, scope.body, centre, bureau, limit])?;
    rows.into_iter()
        .map(|row| {
            let (act, role): (String, String) = (row.get(2)?, row.get(5)?);
            let refused: Option<String> = row.get(10)?;
            Ok(RecordLine {
                id: row.get(0)?,
                at: read_out(row.get(1)?),
                act_name: ActKind::ALL
                    .iter()
                    .find(|kind| kind.code() == act)
                    .map_or(&*act, |kind| kind.name())
                    .to_owned(),
                act,
                clause: row.get(3)?,
                account_name: row.get(4)?,
                role_name: Role::from_code(&role).map_or(&*role, |role| role.name()).to_owned(),
                seat: row.get(6)?,
                via: row.get(7)?,
                subject: row.get(8)?,
                subject_id: row.get(9)?,
                refused: refused.map(|text| from_text(&text)).transpose()?,
            })
        })
        .collect()
}
