//! The record of acts in the database, without the fields of the acts.

use rules::people::Role;
use rules::permission::ActKind;

use super::RecordLine;
use crate::args;
use crate::db::{DbError, Tx};
use crate::door::Scope;
use crate::door::clock::read_out;
use crate::door::store::from_text;

/// The columns of [`RecordLine`], before an id (?1), within a scope (?2 to ?4), at most so many (?5).
macro_rules! line {
    ($which:literal) => {
        concat!(
            "SELECT r.id, r.at, r.act, r.clause, r.account_name, r.role, r.seat, r.via, r.subject, r.subject_id, r.refused FROM record r WHERE ",
            $which,
            " AND r.id < ?1 ORDER BY r.id DESC LIMIT ?5"
        )
    };
}

crate::statements! {
    // An index of its own leads to each: the key, the refused, the record of each body.
    PAGE = line!("CAST(?2 AS BIGINT) IS NULL AND CAST(?3 AS TEXT) IS NULL AND CAST(?4 AS TEXT) IS NULL");
    REFUSED = line!("r.refused IS NOT NULL AND CAST(?2 AS BIGINT) IS NULL AND CAST(?3 AS TEXT) IS NULL AND CAST(?4 AS TEXT) IS NULL");
    OF_BODIES = line!("r.id IN (SELECT x.id FROM body b CROSS JOIN record x WHERE x.body = b.id AND x.id < ?1
        AND (CAST(?2 AS BIGINT) IS NULL OR b.id = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.centre = ?3) AND (CAST(?4 AS TEXT) IS NULL OR b.bureau = ?4)
        ORDER BY x.id DESC LIMIT ?5)");
    REFUSED_OF_BODIES = line!("r.id IN (SELECT x.id FROM body b CROSS JOIN record x WHERE x.body = b.id AND x.refused IS NOT NULL AND x.id < ?1
        AND (CAST(?2 AS BIGINT) IS NULL OR b.id = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.centre = ?3) AND (CAST(?4 AS TEXT) IS NULL OR b.bureau = ?4)
        ORDER BY x.id DESC LIMIT ?5)");
}

pub(super) fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    before: i64,
    only_refused: bool,
    limit: i64,
) -> Result<Vec<RecordLine>, DbError> {
    let sql = match (*scope == Scope::default(), only_refused) {
        (true, false) => &PAGE,
        (true, true) => &REFUSED,
        (false, false) => &OF_BODIES,
        (false, true) => &REFUSED_OF_BODIES,
    };
    let (centre, bureau) = (scope.centre.clone(), scope.bureau.clone());
    let rows = tx.rows(sql, args![before, scope.body, centre, bureau, limit])?;
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
