//! The make-believe province as a scene: bodies, batches and certificates at every stage, with everyone's session and
//! the ids that paths name. That it comes about at all is a story of its own: a year driven through the real acts.

use std::collections::BTreeMap;

use office::account;
use office::{db, demo};

use crate::world::{Person, World};

/// The province at the end of its year, seen from 示例榕城技工学校.
pub struct Scene {
    pub world: World,
    pub clerk: Person,
    pub head: Person,
    /// A body of another centre in the same city.
    pub other_head: Person,
    /// A body of another city.
    pub far_head: Person,
    pub centre: Person,
    pub far_centre: Person,
    pub bureau: Person,
    pub provincial_centre: Person,
    pub department: Person,
    pub administrator: Person,
}

impl Scene {
    /// Drives the year and signs everyone in.
    pub fn new() -> Self {
        let world = World::on_sqlite(&demo::FIRST_DAY.to_string());
        demo::fill(&world.office).expect("a year of the province");
        let person = |login: &str| {
            let session = account::sign_in_as_persona(&world.office, login).expect("a session");
            Person { login: login.into(), token: session.token }
        };
        Self {
            clerk: person("rongcheng-clerk"),
            head: person("rongcheng-head"),
            other_head: person("lizhou-head"),
            far_head: person("ludao-head"),
            centre: person("fuzhou-centre"),
            far_centre: person("xiamen-centre"),
            bureau: person("fuzhou-bureau"),
            provincial_centre: person("fujian-centre"),
            department: person("fujian-department"),
            administrator: person("administrator"),
            world,
        }
    }

    /// The same person with a session of its own; who has none stays as they are.
    pub fn again(&self, person: &Person) -> Person {
        let session = account::sign_in_as_persona(&self.world.office, &person.login);
        session.map_or(person.clone(), |session| Person { login: person.login.clone(), token: session.token })
    }

    /// What paths name, of the school's own.
    pub fn ids(&self) -> BTreeMap<String, String> {
        let own = "(SELECT id FROM body WHERE name = '示例榕城技工学校')";
        // Nobody's validity ends in the first year, so one application is put there.
        const ADDED: [db::Sql; 4] = [
            db::Sql { name: "scene::RENEWAL", text: "INSERT INTO renewal (id, body, listing, state, until_before, statement, batches, applied_on, applied_by)
              SELECT 1, l.body, l.id, 'applied', '2028-09-30', '', 6, '2026-03-18', '' FROM listing l JOIN body b ON b.id = l.body
              WHERE b.name = '示例榕城技工学校' ON CONFLICT (id) DO NOTHING" },
            // What the province has of other batches, put into the one that the paths name.
            db::Sql { name: "scene::EXCEPTION", text: "INSERT INTO eligibility_exception (id, batch, upload, id_key, person_sealed, lacks, state, reason, file, file_name, put_on, put_by, due_on, decided_on, decided_by, decision)
              SELECT 1, c.batch, c.upload, e.id_key, e.person_sealed, e.lacks, 'refused', e.reason, e.file, e.file_name, e.put_on, e.put_by, e.due_on, e.put_on, '示例中心', '证明的岗位与本职业不相关'
              FROM eligibility_exception e JOIN candidate c ON c.id = (SELECT MIN(x.id) FROM candidate x JOIN certificate k ON k.batch = x.batch JOIN body b ON b.id = k.body WHERE b.name = '示例榕城技工学校' AND k.batch = (SELECT MIN(y.batch) FROM certificate y WHERE y.body = b.id))
              WHERE e.id = (SELECT MAX(z.id) FROM eligibility_exception z) ON CONFLICT (id) DO NOTHING" },
            db::Sql { name: "scene::CHANGE", text: "INSERT INTO candidate_change (id, batch, candidate, state, reason, file, file_name, proposed_at, proposed_on, proposed_by, answered_on, answered_by, answer)
              SELECT 1, c.batch, c.id, 'declined', h.reason, h.file, h.file_name, h.proposed_at, h.proposed_on, h.proposed_by, h.proposed_on, '示例负责人', '与证件不一致'
              FROM candidate_change h JOIN candidate c ON c.id = (SELECT MIN(x.id) FROM candidate x JOIN certificate k ON k.batch = x.batch JOIN body b ON b.id = k.body WHERE b.name = '示例榕城技工学校' AND k.batch = (SELECT MIN(y.batch) FROM certificate y WHERE y.body = b.id))
              WHERE h.id = (SELECT MAX(z.id) FROM candidate_change z) ON CONFLICT (id) DO NOTHING" },
            db::Sql { name: "scene::CORRECTION", text: "INSERT INTO publicity_correction (mark_change, batch, candidate, no, marks, verdict, posted_on, first_on, ends_on)
              SELECT m.id, m.batch, m.candidate, p.no, p.marks, p.verdict, t.posted_on, t.first_on, t.ends_publicity_on
              FROM mark_change m JOIN batch t ON t.id = m.batch JOIN candidate c ON c.id = m.candidate JOIN publicity_row p ON p.batch = t.id AND p.no = c.publicity_no
              WHERE m.id = (SELECT MIN(x.id) FROM mark_change x WHERE x.batch = (SELECT MIN(y.batch) FROM certificate y JOIN body b ON b.id = y.body WHERE b.name = '示例榕城技工学校')) ON CONFLICT (mark_change) DO NOTHING" },
        ];
        let add = |tx: &mut db::Tx<'_>| ADDED.iter().try_for_each(|one| tx.run(one, &[]).map(|_| ()));
        self.world
            .office
            .engine()
            .write(move |tx| Ok::<_, db::DbError>((db::Keep::Yes, add(tx)?)))
            .expect("what the province lacks");
        let number = |what: &str| self.world.text(&format!("SELECT CAST({what} AS TEXT)"));
        let issued = format!("(SELECT MIN(batch) FROM certificate WHERE body = {own})");
        let reissued =
            format!("(SELECT MIN(certificate) FROM certificate_change WHERE body = {own} AND state = 'agreed')");
        let pairs = [
            ("body", number(own)),
            ("filing", number(&format!("(SELECT MIN(id) FROM filing WHERE body = {own})"))),
            (
                "material",
                number(&format!(
                    "(SELECT MIN(m.id) FROM filing_material m JOIN filing f ON f.id = m.filing WHERE f.body = {own})"
                )),
            ),
            ("number", number(&format!("(SELECT number FROM listing WHERE body = {own})"))),
            (
                "change",
                number(&format!("(SELECT MIN(id) FROM body_change WHERE body = {own} AND state = 'submitted')")),
            ),
            (
                "regulation",
                number(&format!("(SELECT MIN(id) FROM regulation WHERE body = {own} AND kind = 'exam' AND no = 2)")),
            ),
            ("renewal", number(&format!("(SELECT MIN(id) FROM renewal WHERE body = {own})"))),
            (
                "expert",
                number(
                    "(SELECT MIN(m.expert) FROM evaluation_member m JOIN evaluation e ON e.id = m.evaluation WHERE m.replaced_on IS NULL AND e.filing = (SELECT MIN(id) FROM filing WHERE body = (SELECT id FROM body WHERE name = '示例榕城技工学校')))",
                ),
            ),
            (
                "card",
                number(&format!(
                    "(SELECT MIN(c.id) FROM card c JOIN register_person p ON p.id = c.person WHERE p.body = {own})"
                )),
            ),
            (
                "evidence",
                number(&format!(
                    "(SELECT MIN(v.id) FROM evaluation_evidence v JOIN evaluation e ON e.id = v.evaluation JOIN filing f ON f.id = e.filing WHERE f.body = {own})"
                )),
            ),
            ("import", number("(SELECT MAX(id) FROM card_upload)")),
            ("export", number("(SELECT MAX(id) FROM ministry_export)")),
            ("list", number(&format!("(SELECT MIN(id) FROM list_upload WHERE body = {own})"))),
            ("cooperation", number(&format!("(SELECT MIN(id) FROM cooperation WHERE school = {own})"))),
            ("batch", number(&issued)),
            ("session", number(&format!("(SELECT MIN(id) FROM exam_session WHERE batch = {issued})"))),
            ("paper", "tickets".to_owned()),
            (
                "assessor",
                number(&format!(
                    "(SELECT MIN(id) FROM assignment WHERE batch = {issued} AND duty = 'group_head' AND ended_on IS NULL)"
                )),
            ),
            // Nobody's: what a real one opens is told in the stories of scoring.
            ("code", "ABCDEFGHJKLM".to_owned()),
            ("candidate", number(&format!("(SELECT MIN(id) FROM candidate WHERE batch = {issued})"))),
            ("upload", number(&format!("(SELECT MIN(id) FROM roster_upload WHERE batch = {issued})"))),
            ("candidate_change", "1".to_owned()),
            ("exception", "1".to_owned()),
            ("package", number(&format!("(SELECT MIN(id) FROM exchange_package WHERE body = {own})"))),
            // Nobody's: lists and differences are told in their stories.
            ("national_list", "1".to_owned()),
            ("difference", "1".to_owned()),
            ("hash", number(&format!("(SELECT MIN(file) FROM roster_upload WHERE batch = {issued})"))),
            ("piece", number(&format!("(SELECT MIN(id) FROM archive_piece WHERE batch = {issued})"))),
            ("opening", number(&format!("(SELECT MIN(id) FROM archive_opening WHERE batch = {issued})"))),
            ("scheme", number(&format!("(SELECT MIN(id) FROM scheme WHERE body = {own})"))),
            ("mark_change", number(&format!("(SELECT MIN(id) FROM mark_change WHERE batch = {issued})"))),
            ("mark_review", number(&format!("(SELECT MIN(id) FROM mark_review WHERE batch = {issued})"))),
            ("review_receipt", number("(SELECT MIN(receipt) FROM mark_review)")),
            ("inspection", number(&format!("(SELECT MIN(id) FROM inspection WHERE body = {own})"))),
            (
                "finding",
                number(&format!(
                    "(SELECT MIN(f.id) FROM inspection_finding f JOIN inspection i ON i.id = f.inspection WHERE i.body = {own})"
                )),
            ),
            (
                "file",
                number(&format!(
                    "(SELECT MIN(v.id) FROM inspection_file v JOIN inspection_finding f ON f.id = v.finding JOIN inspection i ON i.id = f.inspection WHERE i.body = {own})"
                )),
            ),
            ("incident", number(&format!("(SELECT MIN(id) FROM incident WHERE batch = {issued})"))),
            ("violation", number(&format!("(SELECT MIN(id) FROM violation WHERE batch = {issued})"))),
            ("deferral", number(&format!("(SELECT MIN(id) FROM deferral WHERE batch = {issued})"))),
            ("recording", number(&format!("(SELECT MIN(id) FROM recording WHERE batch = {issued})"))),
            ("day_file", number(&format!("(SELECT MIN(id) FROM day_file WHERE batch = {issued})"))),
            ("term", "filing_years".to_owned()),
            // Of an employer, who is none of the callers.
            ("check", "1".to_owned()),
            ("no", "1".to_owned()),
            ("generation", "1".to_owned()),
            ("what", "sheet".to_owned()),
            ("report", "1".to_owned()),
            ("certificate", number(&reissued)),
            (
                "certificate_change",
                number(&format!("(SELECT MIN(id) FROM certificate_change WHERE certificate = {reissued})")),
            ),
            (
                "certificate_request",
                number(&format!("(SELECT MIN(id) FROM certificate_request WHERE certificate = {reissued})")),
            ),
            ("request_receipt", number("(SELECT MIN(receipt) FROM certificate_request)")),
            ("objection", number("(SELECT MAX(id) FROM objection)")),
            ("stock_entry", number(&format!("(SELECT MIN(id) FROM stock_entry WHERE body = {own})"))),
            ("blank_destruction", number(&format!("(SELECT MIN(id) FROM blank_destruction WHERE body = {own})"))),
            ("stamp", number(&format!("(SELECT MIN(id) FROM stamp WHERE body = {own})"))),
            ("receipt", number("(SELECT MAX(receipt) FROM objection)")),
            // Nothing is so old in the province that it could be destroyed.
            ("destruction", "1".to_owned()),
            ("enclosure", number("(SELECT MAX(id) FROM objection_file)")),
            ("hearing", number("(SELECT MAX(id) FROM objection_hearing)")),
            (
                "photo",
                number(&format!(
                    "(SELECT MIN(f.id) FROM posting_photo f JOIN posting_proof p ON p.id = f.proof WHERE p.batch = {issued})"
                )),
            ),
            ("account", number("(SELECT id FROM account WHERE login = 'citong-clerk')")),
            ("commitment", number("(SELECT MAX(commitment) FROM log_leaf)")),
            ("form", "vc".to_owned()),
            ("status_list", "revocation-0".to_owned()),
            // Nobody's: what a real one shows is told in its story.
            ("share", "1".to_owned()),
            ("*path", "0/000".to_owned()),
            (
                "token",
                number("(SELECT MAX(publicity_token) FROM batch WHERE closed_on IS NULL AND posted_on IS NOT NULL)"),
            ),
        ];
        pairs.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
    }
}
